import { type ChildProcess, type ChildProcessByStdio, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { isDeepStrictEqual } from "node:util";
import { setTimeout as sleep } from "node:timers/promises";
import type { PreviewResult, Stack } from "@pulumi/pulumi/automation";
import { kwokInput } from "../../../components/clusters/kwok-configuration";
import { meshStages } from "../../../components/mesh/mesh-controllers";
import { privateWorkdir } from "../../../components/script";
import { Console } from "../../../rehearsal/console";
import { takeDown } from "../../../rehearsal/down";
import { providePlugins } from "../../../rehearsal/engine-plugins";
import { endProcessesOf, processesOf } from "../../../rehearsal/processes";
import { toolNames } from "../../../rehearsal/rehearse";
import { localSources } from "../../../rehearsal/sources";
import { provideTools, type Toolbox } from "../../../rehearsal/tools";
import { environment, openStack } from "../../../rehearsal/workspace";
import { parseSettings, type Config } from "../../../settings";

const quiet = new (class extends Console {
  override print(): void {
    // Nobody reads it.
  }
})();

/** What a cluster has, unless a test says otherwise. */
const subnets = { podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" };

const components = join(__dirname, "..", "..", "..", "components");

/** Kinds whose objects come and go by themselves, and what kwok plays controllers with. */
const volatile =
  /^(events|leases\.coordination|endpoints|endpointslices|componentstatuses|stages\.kwok|nodes$|pods$|replicasets)/;

/** A cluster that no stack has made, with nodes, and with the engine to put stacks into it. */
export class FoundCluster {
  readonly folder = mkdtempSync(join(tmpdir(), "flatmesh-found-"));
  #controllers: ChildProcess | undefined;

  private constructor(
    private readonly tools: Toolbox,
    private readonly kubeconfigFile: string,
  ) {}

  static async create({ podSubnet, serviceSubnet } = subnets): Promise<FoundCluster> {
    const tools = await provideTools(toolNames, quiet);
    const cluster = new FoundCluster(tools, "kubeconfig");
    const kubeconfig = execFileSync("sh", [join(components, "clusters", "scripts", "kwok-create.sh")], {
      env: { ...cluster.environment, NAME: "found", OWNER: "nobody", IDENTITY: "found", ...privateWorkdir },
      input: kwokInput({ clusterName: "found", controlPlanes: 1, workers: 0, podSubnet, serviceSubnet }),
      encoding: "utf8",
    });
    writeFileSync(cluster.kubeconfigPath, kubeconfig, { mode: 0o600 });
    return cluster;
  }

  get kubeconfig(): string {
    return readFileSync(this.kubeconfigPath, "utf8");
  }

  /** A stack with these settings, as Pulumi holds them. */
  stack(name: string, config: Config): Promise<Stack> {
    return openedIn(this.folder, name, config, this.tools);
  }

  /** Begins an `up` of such a stack in a process of its own, and kills all of it as soon as `isTime`. */
  async killedUp(name: string, config: Config, isTime: () => boolean): Promise<void> {
    const others = await processesOf(this.folder);
    const run = this.startUp(name, config);
    while (!isTime()) {
      if (run.exitCode !== null) {
        throw new Error("the update ended before its time");
      }
      await sleep(500);
    }
    run.kill("SIGKILL");
    for (const pid of await processesOf(this.folder)) {
      if (!others.includes(pid)) {
        process.kill(pid, "SIGKILL");
      }
    }
  }

  /** An `up` to its end in a process of its own; resolves with what it has changed. */
  async wholeUp(name: string, config: Config): Promise<unknown> {
    const run = this.startUp(name, config);
    const output = await text(run.stdout);
    return JSON.parse(output) as unknown;
  }

  private startUp(name: string, config: Config): ChildProcessByStdio<Writable, Readable, null> {
    const args = ["--require", "tsx/cjs", join(__dirname, "killable-run.ts"), this.folder, name];
    const run = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    run.stdin.end(JSON.stringify(config));
    return run;
  }

  kubectl(...args: string[]): string {
    return this.run(args);
  }

  apply(...objects: object[]): void {
    this.run(
      ["apply", "--server-side", "--filename", "-"],
      JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }),
    );
  }

  /** Plays the mesh's controllers, from when the Gateway API is there: the east-west Gateway gets this address. */
  playControllers(address = "192.0.2.7"): void {
    this.stopControllers();
    this.#controllers = spawn("sh", [join(components, "mesh", "scripts", "kwok-mesh-controllers.sh")], {
      env: { ...this.environment, NAME: "found" },
      stdio: ["pipe", "ignore", "inherit"],
    });
    this.#controllers.stdin?.end(meshStages(address));
  }

  /** Everything in the cluster that stays as it is unless somebody changes it, by kind, namespace and name. */
  everything(): Readonly<Record<string, object>> {
    const kinds = this.run(["api-resources", "--verbs=list", "--output=name"])
      .split("\n")
      .filter((kind) => kind !== "" && !volatile.test(kind));
    const { items } = JSON.parse(
      this.run(["get", kinds.join(","), "--all-namespaces", "--show-managed-fields", "--output=json"]),
    ) as { readonly items: readonly KubernetesObject[] };
    return Object.fromEntries(
      items.map((object) => {
        const { managedFields = [], ...metadata } = object.metadata;
        const managers = managedFields.map(({ manager, operation }) => `${manager} ${operation}`).sort();
        const place = `${object.kind} ${metadata.namespace ?? ""}/${metadata.name}`;
        const lasting = { ...metadata, managers, resourceVersion: undefined };
        return [place, { ...object, status: undefined, metadata: lasting }];
      }),
    );
  }

  /**
   * The same, from when the cluster's own controllers are done with what was made just now: a new namespace gets its account
   * and its bundle of authorities a moment later.
   */
  async everythingSettled(): Promise<Readonly<Record<string, object>>> {
    let [before, now] = [this.everything(), this.everything()];
    while (!isSettled(now) || !isDeepStrictEqual(before, now)) {
      await sleep(2000);
      [before, now] = [now, this.everything()];
    }
    return now;
  }

  /** Ends it as a power cut would: nothing answers any more. */
  async stop(): Promise<void> {
    this.stopControllers();
    await endProcessesOf(this.folder);
  }

  async delete(): Promise<void> {
    this.stopControllers();
    await takeDown(this.folder);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** From then on nothing programs a Gateway, if its definition was not there before. */
  stopControllers(): void {
    this.#controllers?.kill();
  }

  private get kubeconfigPath(): string {
    return join(this.folder, this.kubeconfigFile);
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, ...environment(this.folder, this.tools) };
  }

  private run(args: readonly string[], input = ""): string {
    const program = this.tools.programs["kubectl"] ?? "kubectl";
    return execFileSync(program, ["--kubeconfig", this.kubeconfigPath, ...args], {
      encoding: "utf8",
      input,
      maxBuffer: 2 ** 28,
      stdio: ["pipe", "pipe", "pipe"],
    });
  }
}

/** A stack with these settings in a cluster's folder. */
export async function openedIn(folder: string, name: string, config: Config, toolbox?: Toolbox): Promise<Stack> {
  const tools = toolbox ?? (await provideTools(toolNames, quiet));
  const sources = await localSources(parseSettings(config), tools, quiet);
  const plugins = await providePlugins();
  return openStack({ folder, stack: name, config: { ...config, ...sources }, tools, pulumiHome: plugins.home });
}

/** Whether every namespace has what a controller manager puts into each. */
function isSettled(everything: Readonly<Record<string, object>>): boolean {
  const namespaces = Object.keys(everything).flatMap((place) => /^Namespace \/(.+)$/.exec(place)?.[1] ?? []);
  return namespaces.every(
    (name) => `ServiceAccount ${name}/default` in everything && `ConfigMap ${name}/kube-root-ca.crt` in everything,
  );
}

/** What a plan would change. */
export function changes({ changeSummary }: PreviewResult): Readonly<Record<string, number>> {
  return { ...changeSummary };
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
  };
  readonly status?: unknown;
}
