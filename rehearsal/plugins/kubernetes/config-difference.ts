import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { differ } from "../protocol/difference";
import type { Difference } from "../protocol/difference";
import { hasUnknown, reveal, same } from "../protocol/values";
import type { Props, Value } from "../protocol/values";
import { loadKubeconfig } from "./kubeconfig";

const TARGET = ["kubeconfig", "context", "cluster"];
const IDENTIFIER = "clusterIdentifier";

/**
 * When a changed provider means another cluster, so that everything in it must be made anew. With an identifier that is
 * the same before and after never; with another one always; without one when the kubeconfig is not known yet, or its
 * active cluster (server, certificate) is another.
 */
export async function configDifference(old: Props, inputs: Props): Promise<Difference> {
  const identified = inputs[IDENTIFIER] !== undefined && same(old[IDENTIFIER], inputs[IDENTIFIER]);
  const identityChanged = old[IDENTIFIER] !== undefined && inputs[IDENTIFIER] !== undefined && !identified;
  const reasons = new Set(identityChanged ? [IDENTIFIER] : []);
  const unknown = TARGET.filter((key) => hasUnknown(inputs[key] ?? null));
  if (unknown.length > 0) {
    unknown.forEach((key) => reasons.add(key));
  } else if (await targetChanged(old, inputs)) {
    TARGET.filter((key) => !same(old[key], inputs[key])).forEach((key) => reasons.add(key));
  }
  return differ(old, inputs, (path) => !identified && reasons.has(String(path[0])));
}

async function targetChanged(old: Props, inputs: Props): Promise<boolean> {
  const [before, after] = await Promise.all([activeCluster(old), activeCluster(inputs)]);
  return before !== undefined && after !== undefined && !same(before, after);
}

async function activeCluster(props: Props): Promise<Value | undefined> {
  const option = (key: string) => {
    const value = reveal(props[key] ?? "");
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const kubeconfig = option("kubeconfig");
  if (kubeconfig === undefined) {
    return undefined;
  }
  const config = await loadKubeconfig({
    kubeconfig,
    context: option("context"),
    cluster: option("cluster"),
    namespace: undefined,
  }).catch((): KubeConfig | undefined => undefined);
  const cluster = config?.getCurrentCluster();
  return cluster ? (JSON.parse(JSON.stringify(cluster)) as Value) : undefined;
}
