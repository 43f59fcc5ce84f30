import { randomBytes } from "node:crypto";
import { differ, withUnknown } from "../protocol/difference";
import type { Difference } from "../protocol/difference";
import { NotReady } from "../protocol/provider";
import type { Call, Checked, Created, Existing, Failure, Found, ResourceType } from "../protocol/provider";
import { redact } from "../protocol/redact";
import { asText, hasUnknown, reveal, revealProps } from "../protocol/values";
import type { JsonObject, Props } from "../protocol/values";
import { chartVersion, sourceArgs } from "./chart";
import { helm, HelmError, helmMajor } from "./helm";
import { field, parseId, text } from "./object";
import type { Session } from "./session";

const DEFAULT_TIMEOUT_SECONDS = 300;

/** Inputs that have a flag of helm's, and when it is set. */
const INSTALL_FLAGS: Flags = {
  atomic: "--rollback-on-failure",
  createNamespace: "--create-namespace",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableOpenapiValidation: "--disable-openapi-validation",
  disableWebhooks: "--no-hooks",
  renderSubchartNotes: "--render-subchart-notes",
  replace: "--replace",
  skipCrds: "--skip-crds",
};

const UPGRADE_FLAGS: Flags = {
  atomic: "--rollback-on-failure",
  cleanupOnFail: "--cleanup-on-fail",
  dependencyUpdate: "--dependency-update",
  devel: "--devel",
  disableCRDHooks: "--no-hooks",
  renderSubchartNotes: "--render-subchart-notes",
  resetValues: "--reset-values",
  reuseValues: "--reuse-values",
};

type Flags = Readonly<Record<string, string>>;

const INPUTS = new Set([
  ...Object.keys(INSTALL_FLAGS),
  ...Object.keys(UPGRADE_FLAGS),
  "chart",
  "compat",
  "description",
  "maxHistory",
  "name",
  "namespace",
  "skipAwait",
  "timeout",
  "values",
  "version",
  "waitForJobs",
]);

/** A Helm release, made by Helm itself. It fails where Pulumi's provider does, a release left pending included. */
export class ReleaseType implements ResourceType {
  constructor(private readonly session: Session) {}

  async check(given: Props, old: Props, call: Call): Promise<Checked> {
    const inputs: Props = {
      ...given,
      name: given.name ?? old.name ?? `${call.name}-${randomBytes(4).toString("hex")}`,
      namespace: given.namespace ?? this.session.defaultNamespace,
      ...(given.skipAwait === true ? {} : { timeout: given.timeout ?? DEFAULT_TIMEOUT_SECONDS }),
    };
    const failures: Failure[] = Object.keys(inputs)
      .filter((property) => !INPUTS.has(property))
      .map((property) => ({
        property,
        reason: "the stand-in for Pulumi's kubernetes plugin (rehearsal/plugins/kubernetes) does not play this input",
      }));
    if (hasUnknown(inputs)) {
      return { inputs, failures };
    }
    try {
      const version = await chartVersion(source(inputs));
      return { inputs: { ...inputs, version }, failures };
    } catch (error) {
      const reason = `${messageOf(error)}; check the chart name and repository configuration.`;
      return { inputs, failures: [...failures, { property: "chart", reason: redact(reason, inputs) }] };
    }
  }

  diff(old: Existing, inputs: Props): Difference {
    return differ(old.inputs, inputs, ([key]) => key === "name" || key === "namespace");
  }

  async create(inputs: Props, call: Call): Promise<Created> {
    if (call.preview) {
      return { id: "", state: withUnknown(inputs, ["status"]) };
    }
    const id = releaseId(inputs);
    try {
      return { id, state: await this.perform(await this.args("install", inputs, INSTALL_FLAGS), inputs, call) };
    } catch (error) {
      const failed = await this.failed(inputs, error);
      if (failed === undefined) {
        throw error;
      }
      throw new NotReady(
        `Helm release ${id} was created, but failed to initialize completely. Use the helm command to look into it: ` +
          messageOf(error),
        id,
        failed,
      );
    }
  }

  async read(old: Existing, call: Call): Promise<Found> {
    if (this.session.cluster === undefined) {
      if (this.session.settings.deleteUnreachable) {
        call.log("warning", `configured Kubernetes cluster is unreachable: ${this.session.unreachable}`);
        return undefined;
      }
      throw this.unreachable("read");
    }
    if (Object.keys(old.state).length === 0) {
      throw new Error("The stand-in for Pulumi's kubernetes plugin can't import a Helm release.");
    }
    const status = await this.status(parseId(old.id));
    return status === undefined ? undefined : { ...old, state: { ...old.state, status } };
  }

  async update(old: Existing, inputs: Props, call: Call): Promise<Props> {
    if (call.preview) {
      return withUnknown(inputs, ["status"]);
    }
    try {
      return await this.perform(await this.args("upgrade", inputs, UPGRADE_FLAGS), inputs, call);
    } catch (error) {
      const failed = await this.failed(inputs, error);
      // An upgrade that never started has changed nothing: the old state stands.
      if (failed === undefined || field(failed.status as JsonObject, "status") !== "failed") {
        throw error;
      }
      throw new NotReady(
        `Helm release ${old.id} failed to initialize completely. Use the helm command to look into it: ${messageOf(error)}`,
        old.id,
        failed,
      );
    }
  }

  async delete(old: Existing, call: Call): Promise<void> {
    if (this.session.cluster === undefined) {
      throw this.unreachable("delete");
    }
    const inputs = revealProps(old.inputs);
    const wait = inputs.atomic === true || inputs.skipAwait !== true;
    const { namespace, name } = parseId(old.id);
    await helm({
      config: this.session.cluster.config,
      args: ["uninstall", name, "--namespace", namespace, ...(wait ? ["--wait", ...timeout(inputs)] : [])],
      signal: call.signal,
    });
  }

  /** One install or upgrade; resolves with the state it left. */
  private async perform(args: readonly string[], inputs: Props, call: Call): Promise<Props> {
    if (this.session.cluster === undefined) {
      throw this.unreachable(args[0] ?? "");
    }
    const values = JSON.stringify(reveal(inputs.values ?? {}));
    try {
      const output = await helm({ config: this.session.cluster.config, args, stdin: values, signal: call.signal });
      return { ...inputs, status: releaseStatus(JSON.parse(output) as JsonObject) };
    } catch (error) {
      throw error instanceof HelmError ? new HelmError(redact(error.message, inputs)) : error;
    }
  }

  /** The state of a release whose install or upgrade failed, if it left one. */
  private async failed(inputs: Props, error: unknown): Promise<Props | undefined> {
    if (!(error instanceof HelmError) || REFUSED.test(error.message)) {
      return undefined;
    }
    const status = await this.status(parseId(releaseId(inputs)));
    return status === undefined ? undefined : { ...inputs, status };
  }

  private async status({ namespace, name }: { namespace: string; name: string }): Promise<JsonObject | undefined> {
    if (this.session.cluster === undefined) {
      throw this.unreachable("read");
    }
    const output = await helm({
      config: this.session.cluster.config,
      args: ["list", ...ANY_STATUS, "--namespace", namespace, "--filter", `^${name}$`, "--output", "json"],
    });
    const [found] = JSON.parse(output) as JsonObject[];
    if (found === undefined) {
      return undefined;
    }
    const chart = text(found, "chart");
    const dash = chart.search(/-v?\d+\.\d+\.\d+/);
    return {
      name,
      namespace,
      revision: Number(found.revision),
      status: text(found, "status"),
      chart: chart.slice(0, dash),
      version: chart.slice(dash + 1),
      appVersion: text(found, "app_version"),
    };
  }

  private async args(command: string, inputs: Props, flags: Flags): Promise<string[]> {
    const plain = revealProps({ ...inputs, values: null });
    const four = (await helmMajor()) >= 4;
    const set = Object.entries(flags)
      .filter(([input]) => plain[input] === true)
      .map(([, flag]) => (flag === "--rollback-on-failure" && !four ? "--atomic" : flag));
    const { namespace, name } = parseId(releaseId(inputs));
    return [
      command,
      name,
      ...sourceArgs(source(inputs)),
      "--namespace",
      namespace,
      "--values",
      "-",
      "--output",
      "json",
      ...timeout(plain),
      ...description(plain),
      ...(plain.skipAwait === true ? [] : ["--wait"]),
      ...(plain.skipAwait !== true && plain.waitForJobs === true ? ["--wait-for-jobs"] : []),
      ...(command === "upgrade" ? ["--history-max", String(Number(plain.maxHistory ?? 0))] : []),
      // Pulumi's provider has Helm 3 inside, which merges on the client.
      ...(four ? ["--server-side=false"] : []),
      ...set,
    ];
  }

  private unreachable(what: string): Error {
    return new Error(`can't ${what} Helm Release with unreachable cluster: ${this.session.unreachable}`);
  }
}

/** Helm 3 lists only what is deployed unless told otherwise; Helm 4 has no flag for "all". */
const ANY_STATUS = ["--deployed", "--failed", "--pending", "--superseded", "--uninstalling", "--uninstalled"];

/** What Helm says before it has touched anything. */
const REFUSED =
  /cannot re-?use a name that is still in use|another operation .* is in progress|has no deployed releases/;

function source(inputs: Props): { chart: string; version: string | undefined } {
  return { chart: asText(inputs.chart), version: asText(inputs.version) || undefined };
}

function releaseId(inputs: Props): string {
  return `${asText(inputs.namespace)}/${asText(inputs.name)}`;
}

function description(inputs: JsonObject): string[] {
  const words = asText(inputs.description);
  return words === "" ? [] : ["--description", words];
}

function timeout(inputs: JsonObject): string[] {
  return ["--timeout", `${String(Number(inputs.timeout ?? 0) || DEFAULT_TIMEOUT_SECONDS)}s`];
}

/** What the state tells about a release, of all that helm prints. */
function releaseStatus(release: JsonObject): JsonObject {
  return {
    name: text(release, "name"),
    namespace: text(release, "namespace"),
    revision: Number(release.version),
    status: text(release, "info", "status"),
    chart: text(release, "chart", "metadata", "name"),
    version: text(release, "chart", "metadata", "version"),
    appVersion: text(release, "chart", "metadata", "appVersion"),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
