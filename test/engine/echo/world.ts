import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** One call of the engine that reached a plugin. Times are milliseconds since 1970. */
export interface Called {
  readonly method: "create" | "read" | "update" | "delete" | "invoke";
  /** Such as `kubernetes:core/v1:Namespace`; of an invoke, its token. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** What it is in the world: `<namespace>/<name>` of an object, `<machine name>@<identity>` of a cluster's Command. */
  readonly subject: string;
  /** Whose API it was: the cluster of the provider's kubeconfig. Absent where none is known, and for other plugins. */
  readonly cluster?: string;
  readonly preview: boolean;
  readonly start: number;
  readonly end: number;
  /** Whether the work was done; `unready` and `refused` are answered with an error. */
  readonly outcome: "done" | "unready" | "refused";
}

/** A call that shall fail: it has this method, and `<type>::<name>` of its resource matches the pattern. */
export interface Failure {
  readonly method: Called["method"];
  readonly resource: string;
  /** The work is done, but what came of it is not ready: a Gateway without address, a Helm release that timed out. */
  readonly unready?: boolean;
  /** What it fails with; left out, words that say that it is the test's. */
  readonly message?: string;
  /** How many such calls fail in all; left out, every one. */
  readonly times?: number;
}

/** How the world behaves. */
export interface Script {
  /** URL below which every cluster has its API server. */
  readonly apiServers: string;
  /** What nodes.sh prints, by machine name. */
  readonly nodes: Readonly<Record<string, string>>;
  /** Addresses of east-west Gateways, by cluster; any other cluster has one of its own making. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Whether the machine has no kind cluster, nor ever had one: the clusters stand elsewhere. */
  readonly elsewhere?: boolean;
  readonly failures: readonly Failure[];
  /** How long a create, update or delete takes, in milliseconds, by patterns for `<type>::<name>`; the first one counts. */
  readonly delays: readonly { readonly resource: string; readonly milliseconds: number }[];
  /** Calls that go on only when this many are at it at the same time, by a pattern for `<type>::<name>`. */
  readonly together?: { readonly resource: string; readonly count: number };
}

/** Where the parts of a world lie in its folder. */
export const files = {
  calls: (folder: string) => join(folder, "calls.jsonl"),
  script: (folder: string) => join(folder, "script.json"),
  /** Holds the mark by which a kubeconfig's cluster is known to be this one; absent when there is none. */
  cluster: (folder: string, name: string) => join(folder, `cluster-${name}`),
};

/** A call's way of saying that it has begun, for the others that shall be at it at the same time. */
export async function meet(folder: string, resource: string, count: number): Promise<void> {
  const meeting = join(folder, "meeting");
  mkdirSync(meeting, { recursive: true });
  writeFileSync(join(meeting, encodeURIComponent(resource)), "");
  const end = Date.now() + 20_000;
  while (readdirSync(meeting).length < count) {
    if (Date.now() > end) {
      throw new Error(`${resource} has waited in vain for others to begin`);
    }
    await sleep(20);
  }
}

export function readScript(folder: string): Script {
  return JSON.parse(readFileSync(files.script(folder), "utf8")) as Script;
}

/** Every call so far, in the order in which they ended. */
export function recordedCalls(folder: string): Called[] {
  const file = files.calls(folder);
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.map((line) => JSON.parse(line) as Called);
}

/** Adds a line. */
export function record(folder: string, called: Called): void {
  appendFileSync(files.calls(folder), `${JSON.stringify(called)}\n`);
}
