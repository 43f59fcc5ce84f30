import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { explain, inform, warn } from "../diagnostics";
import { type Access, errorCause, type Finding, isTransient, waitedInVain } from "../kubernetes";
import { errorHook, failureMessage, findingLine, resourceHook, retrying, retryMessage } from "./clusters";
import { type ReleaseName, ReleaseWatch } from "./release-watch";

/** What of a release's inputs is needed here. */
export const ReleaseInputs = z.object({ name: z.string(), namespace: z.string(), timeout: z.number().default(600) });

export interface ReleaseFailuresArgs {
  readonly clusterName: string;
  readonly access: () => Promise<Access>;
  /** Removes what an attempt has left that Helm would stumble over. */
  readonly clear: (release: ReleaseName, first: boolean) => Promise<void>;
  /** Texts among the values that are not shown. */
  readonly secrets: readonly pulumi.Input<string>[];
}

/** The hooks by which a release that fails says why. */
export interface ReleaseFailures {
  /** Before it is created or updated, as the last one. */
  readonly watch: pulumi.ResourceHook;
  /** After it was created or updated. */
  readonly done: pulumi.ResourceHook;
  readonly onError: pulumi.ErrorHook;
}

/**
 * Looks at a release while Helm works on it, and says why it failed, which Helm does not. What
 * failed because an API server had a temporary problem is retried.
 */
export function releaseFailures(name: string, args: ReleaseFailuresArgs): ReleaseFailures {
  const { clusterName, access } = args;
  const secrets = new Promise<readonly string[]>((resolve) => {
    pulumi.all([...args.secrets]).apply(resolve);
  });
  const preview = pulumi.runtime.isDryRun();
  const passes = retrying((error, seconds) => {
    void secrets.then((known) => {
      inform(retryMessage(clusterName, error, seconds, known));
    });
  });
  let watch: ReleaseWatch | undefined;

  const begin = async (urn: string, inputs: unknown): Promise<void> => {
    const { timeout, ...release } = ReleaseInputs.parse(inputs);
    const known = await secrets;
    const tell = (finding: Finding) => {
      warn(
        `Cluster ${clusterName}: Helm release ${release.namespace}/${release.name} waits, ${minutes(timeout)} at most: ` +
          findingLine(finding, known),
        new pulumi.DependencyResource(urn),
      );
    };
    watch = new ReleaseWatch(access, release, tell);
    watch.start();
  };

  return {
    watch: resourceHook(`${name}-watch`, ({ urn, newInputs }) => begin(urn, newInputs)),
    done: resourceHook(`${name}-watched`, () => {
      // Nothing waits for a look that is going on.
      void watch?.stop();
    }),
    onError: errorHook(`${name}-failure`, async (failure) => {
      const { urn, errors, failedOperation, newInputs, oldInputs } = failure;
      const [error = ""] = errors;
      await watch?.stop();
      const findings = failedOperation === "delete" ? [] : (watch?.findings ?? []);
      const retry = await passes(urn, errors);
      if (preview) {
        return retry;
      }
      const { timeout, ...release } = ReleaseInputs.parse(newInputs ?? oldInputs);
      if (retry) {
        if (failedOperation !== "delete") {
          await attempt(() => args.clear(release, oldInputs === undefined));
          await begin(urn, newInputs);
        }
        return true;
      }
      const { namespace } = release;
      const message = failureMessage({
        what: `Cluster ${clusterName}: Helm release ${namespace}/${release.name} failed to ${verbs[failedOperation] ?? failedOperation}`,
        // What stopped Helm at once has nothing to do with pods that were not ready yet.
        findings: waitedInVain(error) ? findings : [],
        cause: errorCause(error, { namespace }),
        otherwise: otherwise(failure, { namespace, timeout }),
        note: undone(error),
        secrets: await secrets,
      });
      if (message !== undefined) {
        explain(message, new pulumi.DependencyResource(urn));
      }
      return false;
    }),
  };
}

/** What Helm calls what the engine does. */
const verbs: Readonly<Record<string, string>> = { create: "install", update: "upgrade", delete: "uninstall" };

/** What is said of a failure that nothing explains. */
function otherwise(
  { errors, failedOperation }: Pick<pulumi.ErrorHookArgs, "errors" | "failedOperation">,
  { namespace, timeout }: { readonly namespace: string; readonly timeout: number },
): string | undefined {
  const [error = ""] = errors;
  if (isTransient(error)) {
    return `Its API server failed ${String(errors.length)} times. Once it answers again, run pulumi up again.`;
  }
  return waitedInVain(error) && failedOperation !== "delete"
    ? `It was not ready within ${minutes(timeout)}, and neither pods nor events said why. While the next pulumi up waits: ` +
        `kubectl get pods,events -n ${namespace}`
    : undefined;
}

/** What Helm has done about it. */
function undone(error: string): string | undefined {
  const [, what] = /has been (uninstalled|rolled back) due to/.exec(error) ?? [];
  return what === undefined
    ? undefined
    : `Helm has ${what} the release: once the cause is mended, run pulumi up again.`;
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${String(seconds)} seconds` : `${String(Math.round(seconds / 60))} minutes`;
}

/** The next attempt says itself what is wrong. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    // As above.
  }
}
