import { ownAccess, type Place, type PodPort, Unreachable } from "../../../kubernetes";
import { type Check, type Finding, type Mesh, runChecks } from "../../../checks";
import { unreadTrust } from "../../../istio";
import { Cluster, type ClusterReader } from "../../../checks/inventory";

type Labelled = { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };

/** A cluster of which only this is there. What is asked beyond it does not answer. */
export class FakeReader implements ClusterReader {
  /** Objects by path. */
  readonly objects = new Map<string, unknown>();
  /** Lists by path, without their query; a label selector chooses from them. */
  readonly lists = new Map<string, unknown[]>();
  /** Logs and the like by path, without their query. */
  readonly texts = new Map<string, string>();
  /** What pods answer, by `<pod>:<port><path>`. */
  readonly pods = new Map<string, unknown>();
  /** What commands in a pod print, by the pod's name. */
  readonly commands = new Map<string, (command: readonly string[]) => string>();
  issuer: ClusterReader["issuer"] = () => Promise.reject(new Unreachable("no certificate"));
  review: ClusterReader["review"] = () => Promise.reject(new Unreachable("no reviews"));

  facts: ClusterReader["facts"] = () => Promise.reject(new Unreachable("no facts"));

  add(path: string, ...objects: readonly unknown[]): this {
    this.lists.set(path, [...(this.lists.get(path) ?? []), ...objects]);
    return this;
  }

  get(path: string): Promise<unknown> {
    return Promise.resolve(this.objects.get(path));
  }

  items(path: string): Promise<readonly unknown[] | undefined> {
    const [pathname = "", query = ""] = path.split("?");
    const [key, value] = new URLSearchParams(query).get("labelSelector")?.split("=") ?? [];
    const all = this.lists.get(pathname);
    return Promise.resolve(
      key === undefined ? all : all?.filter((item) => (item as Labelled).metadata?.labels?.[key] === value),
    );
  }

  text(path: string): Promise<string | undefined> {
    return Promise.resolve(this.texts.get(path.split("?")[0] ?? ""));
  }

  clock() {
    const now = new Date();
    return Promise.resolve({ server: now, asked: now, answered: now });
  }

  fromPod({ pod, port }: PodPort, path: string): Promise<unknown> {
    const answer = this.pods.get(`${pod}:${String(port)}${path}`);
    return answer === undefined
      ? Promise.reject(new Unreachable(`pod ${pod} does not answer: connection refused`))
      : Promise.resolve(answer);
  }

  run({ pod }: Place, command: readonly string[]): Promise<string> {
    const answer = this.commands.get(pod);
    return answer === undefined
      ? Promise.reject(new Unreachable(`pod ${pod}: no such pod`))
      : Promise.resolve(answer(command));
  }

  trust() {
    return Promise.resolve(unreadTrust(""));
  }
}

/** A kubeconfig with the API server of a fake cluster. */
export function kubeconfig(name: string, server = `https://${name}.example:6443`): string {
  return JSON.stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: { token: "own" } }],
  });
}

export function clusterOf(name: string, look: FakeReader): Cluster {
  return new Cluster(name, ownAccess(kubeconfig(name), `the kubeconfig of ${name}`), look);
}

/** What a check finds, without what holds where that is asked for. */
export async function findingsOf(check: Check, mesh: Mesh): Promise<readonly Finding[]> {
  const [result] = await runChecks([check], mesh);
  return result?.findings ?? [];
}

/** Findings as `<status> <cluster>: <message>`. */
export function told(findings: readonly Finding[]): string[] {
  return findings.map(({ status, cluster = "-", message }) => `${status} ${cluster}: ${message}`);
}

/** Those that are against a mesh. */
export function against(findings: readonly Finding[]): string[] {
  return told(findings.filter(({ status }) => ["failed", "warning", "unknown"].includes(status)));
}
