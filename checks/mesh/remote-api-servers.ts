import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachClusterOf } from "../inventory";
import { kubectl } from "../remedies";
import { callFrom } from "./calls";
import { demoOf, wantsDemo } from "./demo";
import { type RemoteEntry, remoteEntries } from "./remote-kubeconfig";
import { podsOf } from "./workloads";

/** How far back a log is read where nothing can be called from, in seconds. */
const recently = 180;

/** A control plane that istiod reads. */
interface Target {
  readonly cluster: string;
  readonly server: string;
}

/**
 * Whether the API servers of the clusters that a control plane reads can be reached from inside its own. One that died stays
 * "synced" for istiod, which keeps what it last heard, so that calls still go there: only a request shows it.
 */
export const remoteApiServers: Check = {
  id: "remote-api-servers",
  title: "The API servers of the clusters that an istiod reads can be reached from inside its cluster",
  causes: { inCluster: ["node-routes"] },
  run: (mesh) =>
    forEachClusterOf(mesh, "community", async (cluster, findings) => {
      const targets = targetsOf(await remoteEntries(cluster));
      if (targets.length === 0) {
        findings.notApplicable("its istiod reads no other cluster (no usable Secret with istio/multiCluster=true)");
      } else if (await cluster.isHollow()) {
        findings.notObservable("there is nothing to call from: pods of a kwok cluster do not really run");
      } else {
        const { client } = await demoOf(cluster);
        await (client === undefined
          ? readLogs(cluster, targets, findings)
          : callServers(cluster, client.place, targets, findings));
      }
    }),
};

function targetsOf(entries: readonly RemoteEntry[]): Target[] {
  return entries.flatMap(({ cluster, access }) =>
    typeof access === "string" ? [] : [{ cluster, server: access.kubeconfig.server.replace(/\/+$/, "") }],
  );
}

async function callServers(
  cluster: Cluster,
  place: Parameters<typeof callFrom>[1],
  targets: readonly Target[],
  findings: FindingCollector,
): Promise<void> {
  const urls = targets.map(({ server }) => `${server}/version`);
  const calls = await callFrom(cluster, place, urls);
  for (const { cluster: peer, server } of targets) {
    const call = calls.get(`${server}/version`);
    const between = findings.between(peer);
    // Any answer will do: whether it is the right one is a question of credentials.
    if (call !== undefined && call.status > 0) {
      between.passed(`${server} (${peer}) answers pod ${place.namespace}/${place.pod}`);
    } else {
      between.failed(
        `${server} (${peer}) does not answer pod ${place.namespace}/${place.pod}: ${call?.reason ?? ""}`,
        `${seen(peer)} Try: ${kubectl(cluster, "exec", "-n", place.namespace, place.pod, "--", "curl", "-vk", `${server}/version`)}`,
      );
    }
  }
}

async function readLogs(cluster: Cluster, targets: readonly Target[], findings: FindingCollector): Promise<void> {
  const pods = (await Promise.all((await cluster.istiods()).map((istiod) => podsOf(cluster, istiod)))).flat();
  const logs = await Promise.all(
    pods
      .filter((pod) => pod.ready)
      .map(({ metadata, spec }) => {
        const container = spec.containers.find(({ name }) => name === "discovery") ?? spec.containers[0];
        const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
        return cluster.text(`${path}?sinceSeconds=${String(recently)}&container=${container?.name ?? ""}`);
      }),
  );
  const lines = logs.flatMap((log = "") => log.split("\n"));
  for (const { cluster: peer, server } of targets) {
    const complaint = lines.findLast((line) => isComplaint(line, { cluster: peer, server }));
    if (complaint === undefined) {
      findings.unknown(
        `it is unknown whether ${server} (${peer}) can be reached: there is no pod to call from, and istiod's log of the last ${String(recently)} seconds has no error about it, which proves nothing`,
        wantsDemo,
      );
    } else {
      findings.between(peer).failed(`istiod can't read ${peer} at ${server}: ${reasonIn(complaint)}`, seen(peer));
    }
  }
}

/** Whether a line of istiod's log says that it could not list or watch something of a cluster. */
function isComplaint(line: string, { cluster, server }: Target): boolean {
  return (
    line.includes(`watch error in cluster ${cluster}:`) ||
    (line.includes(`${server}/`) &&
      /dial tcp|timeout|connection refused|no route|no such host|failed to (list|watch)/i.test(line))
  );
}

/** What is at the end of a chain of errors, without the URL that was asked for. */
function reasonIn(line: string): string {
  return (
    /(dial tcp|lookup|net\/http|x509|tls|context deadline|Unauthorized|forbidden).*/i.exec(line)?.[0] ?? "see its log"
  ).slice(0, 200);
}

function seen(peer: string): string {
  return (
    `Make sure that ${peer} runs. If it is gone for good, remove it from the settings and run pulumi up, which repairs the others at once; ` +
    "if its address has changed (after a restart of the container engine), run pulumi up."
  );
}
