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

/** Puts a pod on every node of every cluster. */
export async function deployPods(stack: MachineStack, clusters: readonly string[], image: string): Promise<void> {
  for (const cluster of clusters) {
    await stack.apply(cluster, daemonSet(image));
  }
}

/** Has every pod call every pod of every cluster by its IP. */
export async function expectFlat(stack: MachineStack, clusters: readonly string[]): Promise<void> {
  const pods = (await Promise.all(clusters.map((cluster) => podsOf(stack, cluster)))).flat();
  const expected = pods.map(({ name }) => name);
  for (const { cluster, name } of pods) {
    const urls = pods.map(({ address }) => `http://${address}:8080/`);
    const answers = await stack.kubectl(cluster, "exec", name, "--", "/echo", "call", ...urls);
    expect(answers.trim().split("\n"), `what ${name} in ${cluster} hears`).toEqual(expected);
  }
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
