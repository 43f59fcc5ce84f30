import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachClusterOf, type Mesh, objects, peersOf } from "../inventory";
import { readFailure } from "../inventory/each-cluster";
import { expectedPeers } from "../inventory/mesh";
import { kubectl } from "../remedies";
import { endpointsOf, sharedServices } from "./shared-services";

/** A WorkloadEntry that istiod has created for a pod of another cluster. */
interface Entry {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  /** The mesh's name of the pod's cluster. */
  readonly source: string;
  /** Undefined where the entry does not say, or does not represent a pod. */
  readonly pod: { readonly namespace: string; readonly name: string } | undefined;
  /** Whether it represents a pod, as far as it says. */
  readonly isPod: boolean;
}

const prefix = "autogenflat.";

/**
 * Whether istiod's entries for pods of other clusters are right: calls go to an entry's address, whether the pod is still there or
 * not.
 */
export const staleEntries: Check = {
  id: "stale-entries",
  title: "Every entry for a pod of another cluster (autogenflat) stands for an existing pod, and none is missing",
  causes: { inCluster: ["pods"], acrossLinks: ["network-name", "peers"] },
  run: (mesh) =>
    forEachClusterOf(mesh, "solo", async (cluster, findings) => {
      const entries = await entriesOf(cluster);
      const bySource = new Map<string, Entry[]>();
      for (const entry of entries) {
        bySource.set(entry.source, [...(bySource.get(entry.source) ?? []), entry]);
      }
      for (const [source, own] of bySource) {
        await checkSource(cluster, source, own, mesh, findings);
      }
      await checkMissing(cluster, entries, mesh, findings);
    }),
};

async function entriesOf(cluster: Cluster): Promise<Entry[]> {
  const all = await cluster.list(
    "/apis/networking.istio.io/v1/namespaces/istio-system/workloadentries",
    objects.WorkloadEntry,
  );
  return all
    .filter(({ metadata }) => metadata.name.startsWith(prefix))
    .map(({ metadata, spec }) => {
      // <cluster>/<group>/Pod/<namespace>/<pod>; the group of pods is empty.
      const [, , kind = "Pod", namespace, name] = (metadata.annotations["solo.io/peered-workload-uid"] ?? "").split(
        "/",
      );
      return {
        name: metadata.name,
        namespace: metadata.namespace,
        address: spec.address,
        // A cluster's name has no dots.
        source: metadata.labels["solo.io/source-cluster"] ?? metadata.name.slice(prefix.length).split(".")[0] ?? "",
        pod: kind === "Pod" && namespace && name ? { namespace, name } : undefined,
        isPod: kind === "Pod",
      };
    });
}

function remove(cluster: Cluster, { namespace, name }: Entry): string {
  return `istiod does not remove it by itself: ${kubectl(cluster, "delete", "workloadentry", "-n", namespace, name)}`;
}

async function checkSource(
  cluster: Cluster,
  source: string,
  entries: readonly Entry[],
  mesh: Mesh,
  findings: FindingCollector,
): Promise<void> {
  const { name } = cluster;
  const peer = mesh.clusters.find((one) => one.name === source);
  const linked = expectedPeers(mesh, name).some((one) => one.name === source);
  const [first] = entries;
  if (first !== undefined && (source === name || (mesh.expected.links !== undefined && !linked))) {
    const why =
      source === name
        ? "which is this cluster itself"
        : peer === undefined
          ? "which is not in this mesh"
          : `to which ${name} has no link`;
    findings.failed(
      `${String(entries.length)} entries are for pods of ${source}, ${why}: ${entries.map((entry) => entry.name).join(", ")}`,
      `Delete them, since istiod does not: ${kubectl(cluster, "delete", "workloadentry", "-n", first.namespace, "-l", `solo.io/source-cluster=${source}`)}`,
    );
    return;
  }
  if (peer === undefined) {
    const message = `${String(entries.length)} entries are for pods of ${source}, which is not checked`;
    if (mesh.expected.links === undefined) {
      findings.unknown(
        message,
        `Name its context as well: npm run check -- --contexts …, or delete them if it is gone.`,
      );
    } else {
      findings.notApplicable(`${message}: it belongs to another stack`);
    }
    return;
  }
  let pods: readonly objects.Pod[];
  try {
    // Those on their way out are still there: their entries go with them.
    const all = await peer.list("/api/v1/pods", objects.Pod);
    pods = all.filter(({ status }) => !["Succeeded", "Failed"].includes(status.phase));
  } catch (error) {
    const [message] = readFailure(error);
    findings.unknown(
      `it is unknown whether ${String(entries.length)} entries for pods of ${source} are right: ${message}`,
      `Make sure that ${source} runs and can be reached from here, and check again.`,
    );
    return;
  }
  const wrong = entries.filter((entry) => entry.isPod && !checkEntry(cluster, entry, pods, findings));
  if (wrong.length === 0) {
    findings.passed(`${String(entries.length)} entries for pods of ${source} stand for existing pods`);
  }
}

function checkEntry(cluster: Cluster, entry: Entry, pods: readonly objects.Pod[], findings: FindingCollector): boolean {
  const { pod, address, name, source } = entry;
  const addressesOf = ({ status }: objects.Pod) => [...status.podIPs.map(({ ip }) => ip), status.podIP ?? ""];
  const owner = pods.find((one) => addressesOf(one).includes(address));
  const real = pod
    ? pods.find(({ metadata }) => metadata.name === pod.name && metadata.namespace === pod.namespace)
    : owner;
  if (real === undefined) {
    const what = pod === undefined ? `address ${address}` : `pod ${pod.namespace}/${pod.name} (${address})`;
    const now = pod && owner ? `; ${owner.path} has that address now` : "";
    findings.failed(`entry ${name} is for ${what} of ${source}, which is gone${now}`, remove(cluster, entry));
    return false;
  }
  if (!addressesOf(real).includes(address)) {
    findings.failed(
      `entry ${name} has ${address} for pod ${real.path} of ${source}, which has ${real.status.podIP ?? "no address"}`,
      remove(cluster, entry),
    );
    return false;
  }
  return true;
}

/** Ready pods of linked clusters without an entry. */
async function checkMissing(
  cluster: Cluster,
  entries: readonly Entry[],
  mesh: Mesh,
  findings: FindingCollector,
): Promise<void> {
  const hollow = await cluster.isHollow();
  let remote = 0;
  for (const peer of peersOf(mesh, cluster.name)) {
    try {
      const services = await sharedServices(peer, "solo");
      for (const service of services) {
        const pods = (await endpointsOf(peer, service)).filter(({ pod }) => pod !== "");
        remote += pods.length;
        const missing = pods.filter(
          ({ address }) => !entries.some((entry) => entry.source === peer.name && entry.address === address),
        );
        if (missing.length > 0 && !hollow) {
          findings.failed(
            `there is no entry for ${missing.map(({ pod, address }) => `pod ${pod} (${address})`).join(", ")} of ${peer.name}, which answer${missing.length === 1 ? "s" : ""} Service ${service.path}: no call goes there`,
            `See the checks peers and network-name: istiod imports the pods of a peer that is connected and on the same network. If both pass: ${kubectl(cluster, "rollout", "restart", "-n", "istio-system", "deployment/istiod")}`,
          );
        }
      }
    } catch (error) {
      const [message] = readFailure(error);
      findings.unknown(
        `it is unknown whether all pods of ${peer.name} have entries: ${message}`,
        `Make sure that ${peer.name} runs and can be reached from here, and check again.`,
      );
    }
  }
  if (hollow && remote > 0) {
    findings.notObservable(
      `${String(remote)} pods of linked clusters answer global services: no istiod runs in a kwok cluster to create entries for them`,
    );
  } else if (entries.length === 0 && findings.list.length === 0) {
    findings.passed("there are no entries, and no pods of linked clusters that answer global services");
  }
}
