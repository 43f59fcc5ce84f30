import type { Environment } from "../environment";

/** One thing that is wrong with a mesh, as the API server has it, and the one check that has to find it. */
export interface Fault {
  /** Id of the check. */
  readonly check: string;
  readonly fault: string;
  readonly breaks: (environment: Environment) => unknown;
  /** Whether the finding's remedy has a command that mends it, which the test runs. What an update mends is in updates.ts. */
  readonly command?: boolean;
  /** Puts it right again, whatever the remedy is. */
  readonly mends: (environment: Environment) => unknown;
  /** Cluster that the finding is about; absent for what is between several. */
  readonly cluster?: string;
  readonly status?: "failed" | "warning" | "unknown";
  readonly message: RegExp;
}

/** A fault that one JSON merge patch makes and another one mends. */
export function patched(
  [cluster, kind, name, namespace]: readonly [cluster: string, kind: string, name: string, namespace: string],
  breaks: object,
  mends: object,
): Pick<Fault, "breaks" | "mends"> {
  const patch = (change: object) => (environment: Environment) => {
    environment.kubectl(
      cluster,
      ...["patch", kind, name, "--namespace", namespace, "--type", "merge", "--patch", JSON.stringify(change)],
    );
  };
  return { breaks: patch(breaks), mends: patch(mends) };
}

/** A fault that is an object too many. */
export function added(cluster: string, manifest: object): Pick<Fault, "breaks" | "mends"> {
  return {
    breaks: (environment) => {
      environment.apply(cluster, manifest);
    },
    mends: (environment) => {
      environment.remove(cluster, manifest);
    },
  };
}

/** A fault that is an object changed, or gone: it is put back as it was. */
export function changed(
  [cluster, kind, name, namespace]: readonly [cluster: string, kind: string, name: string, namespace: string],
  breaks: (environment: Environment) => void,
): Pick<Fault, "breaks" | "mends"> {
  let before = "";
  return {
    breaks: (environment) => {
      before = environment.kubectl(cluster, "get", kind, name, "--namespace", namespace, "--output", "json");
      breaks(environment);
    },
    mends: (environment) => {
      environment.restore(cluster, before);
    },
  };
}
