/** A global service in two clusters, and what istiod of each reads of the other one's part of it. */
import { expect, inject } from "vitest";
import { knownAddresses, remoteClusters } from "./istiod";
import type { MachineStack } from "./stack";

/** Name of the service and of its deployment, in the namespace `default`. */
export const app = "global-echo";
const metadata = { name: app, namespace: "default" };

export const globalService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { ...metadata, labels: { "istio.io/global": "true" } },
  spec: { ports: [{ port: 8080 }], selector: { app } },
};

export function deployment(replicas: number): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: {
        metadata: { labels: { app } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: app, image: inject("kindImages").echo, imagePullPolicy: "IfNotPresent" }],
        },
      },
    },
  };
}

/** Waits until istiod of a cluster reads its peer, and nobody else. */
export async function expectSynced(stack: MachineStack, cluster: string, peer: string): Promise<void> {
  await expect
    .poll(() => remoteClusters(stack, cluster).catch(String), { timeout: 120_000, interval: 1000 })
    .toEqual([{ id: peer, secretName: `istio-system/istio-remote-secret-${peer}`, syncStatus: "synced" }]);
}

/** Waits until istiod of a cluster knows exactly the pods that run in its peer. */
export async function expectKnown(stack: MachineStack, cluster: string, peer: string): Promise<void> {
  await stack.kubectl(peer, "rollout", "status", `deployment/${app}`, "--timeout=120s");
  const ready = "--field-selector=status.phase=Running";
  const path = "jsonpath={.items[*].status.podIP}";
  await expect
    .poll(
      async () => [
        await knownAddresses(stack, cluster, peer, app),
        (await stack.kubectl(peer, "get", "pods", `--selector=app=${app}`, ready, "--output", path)).split(" ").sort(),
      ],
      { timeout: 60_000, interval: 1000 },
    )
    .toSatisfy(([known, running]: string[][]) => known?.join() === running?.join() && known?.length !== 0);
}

const asJson = ["--namespace=istio-system", "--output=json"];

/** The kubeconfig with which istiod of a cluster reads its peer. */
export async function remoteKubeconfig(stack: MachineStack, cluster: string, peer: string): Promise<string> {
  const secret = await stack.kubectl(cluster, "get", "secret", `istio-remote-secret-${peer}`, ...asJson);
  const { data } = JSON.parse(secret) as { readonly data: Readonly<Record<string, string>> };
  return Buffer.from(Object.values(data).join(""), "base64").toString();
}
