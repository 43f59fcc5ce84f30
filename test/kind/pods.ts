import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { MachineStack } from "./stack";

interface Pod {
  readonly cluster: string;
  readonly name: string;
  readonly address: string;
}

/** One pod on every node of a cluster, control planes included, that answers HTTP on port 8080 and can call. */
function daemonSet(image: string): object {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "echo", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "echo" } },
      template: {
        metadata: { labels: { app: "echo" } },
        spec: {
          tolerations: [{ operator: "Exists" }],
          terminationGracePeriodSeconds: 0,
          containers: [{ name: "echo", image, imagePullPolicy: "IfNotPresent" }],
        },
      },
    },
  };
}

const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "echo", namespace: "default" },
  spec: { selector: { app: "echo" }, ports: [{ port: 8080 }] },
};

/** Puts a pod on every node of every cluster, and a Service in front of those of each. */
export async function deployPods(stack: MachineStack, clusters: readonly string[], image: string): Promise<void> {
  for (const cluster of clusters) {
    await stack.apply(cluster, daemonSet(image));
    await stack.apply(cluster, service);
  }
}

/**
 * Has every pod call every pod of every cluster by its IP, the Service of every other cluster by its ClusterIP, and that of its
 * own by name; pods see the address of the pod that calls them.
 */
export async function expectFlat(stack: MachineStack, clusters: readonly string[]): Promise<void> {
  // A node learns of a ready pod behind a Service a moment after the API server does, and after a restart of its node a pod
  // counts as ready, with its former address or none, until the node's agent has looked.
  await expect
    .poll(() => unexpectedAnswers(stack, clusters), { timeout: 90_000, interval: 1000, message: "what pods hear" })
    .toEqual([]);
}

interface Answers {
  readonly caller: string;
  /** What each pod's address answers: the names of the pods. */
  readonly direct: readonly (string | undefined)[];
  /** The clusters of the pods that the Services answer by. */
  readonly balanced: readonly (string | undefined)[];
  /** The address that each pod says it is called from. */
  readonly seen: readonly (string | undefined)[];
}

/** The callers that hear something else than they should: what they hear, and what they should. */
async function unexpectedAnswers(
  stack: MachineStack,
  clusters: readonly string[],
): Promise<{ heard: Answers; expected: Answers }[]> {
  const pods = (await Promise.all(clusters.map((cluster) => podsOf(stack, cluster)))).flat();
  const services = await Promise.all(clusters.map((cluster) => serviceOf(stack, cluster)));
  const unexpected: { heard: Answers; expected: Answers }[] = [];
  for (const { cluster, name, address } of pods) {
    const others = services.filter((service) => service.cluster !== cluster);
    const addresses = [...pods, ...others].map((one) => one.address);
    const callers = pods.map(({ address }) => `http://${address}:8080/caller`);
    const urls = [...[...addresses, "echo.default.svc"].map((host) => `http://${host}:8080/`), ...callers];
    const answers = await stack.kubectl(cluster, "exec", name, "--", "/echo", "call", ...urls);
    const [direct, rest] = split(answers.trim().split("\n"), pods.length);
    const [balanced, seen] = split(rest, services.length);
    const caller = `${cluster}/${name} (${address})`;
    const heard = {
      caller,
      direct,
      balanced: balanced.map((answer) => pods.find((pod) => pod.name === answer)?.cluster),
      seen,
    };
    const expected = {
      caller,
      direct: pods.map((pod) => pod.name),
      balanced: [...others.map((service) => service.cluster), cluster],
      seen: pods.map(() => address),
    };
    if (!isDeepStrictEqual(heard, expected)) unexpected.push({ heard, expected });
  }
  return unexpected;
}

function split<Item>(list: readonly Item[], length: number): [Item[], Item[]] {
  return [list.slice(0, length), list.slice(length)];
}

async function serviceOf(stack: MachineStack, cluster: string): Promise<Omit<Pod, "name">> {
  const path = "jsonpath={.spec.clusterIP}";
  return { cluster, address: await stack.kubectl(cluster, "get", "service", "echo", "--output", path) };
}

async function podsOf(stack: MachineStack, cluster: string): Promise<Pod[]> {
  await stack.kubectl(cluster, "rollout", "status", "daemonset/echo", "--timeout=120s");
  const format = 'jsonpath={range .items[*]}{.metadata.name} {.status.podIP}{"\\n"}{end}';
  const text = await stack.kubectl(cluster, "get", "pods", "--selector=app=echo", "--output", format);
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", address = ""] = line.split(" ");
      return { cluster, name, address };
    });
}
