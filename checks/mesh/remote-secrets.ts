import { z } from "zod";
import { certificatesIn, keyOf } from "../../certificates";
import { type Access, ApiServer, Forbidden, Unreachable } from "../../kubernetes";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachClusterOf, type Mesh, objects } from "../inventory";
import { readFailure } from "../inventory/each-cluster";
import { kubectl, putBack, putBackBy, shellWord } from "../remedies";
import { expectedPeers, type Peer } from "../inventory/mesh";
import { type RemoteAccess, type RemoteEntry, remoteEntries } from "./remote-kubeconfig";
import { podsOf } from "./workloads";

/** Asks an API server for pods, as istiod does. @throws Forbidden, Unreachable */
export type Trial = (access: Access) => Promise<void>;

const day = 86_400_000;
/** Credentials count as ending soon in the last fifth of their life, but not more than two weeks before. */
const soon = { part: 0.2, most: 14 * day };

/**
 * Whether each control plane can read the clusters that it is linked to. In the upstream distribution that is all that links
 * two clusters: the pods of one that can't be read are unknown to the mesh.
 *
 * @param trial Set in tests: what stands for a real request.
 */
export function remoteSecretsBy(trial: Trial): Check {
  return {
    id: "remote-secrets",
    title: "Every istiod has valid credentials for the clusters that it is linked to, and has read them",
    causes: { inCluster: ["pods", "cluster-names"], acrossLinks: ["clock-skew", "cluster-names"] },
    run: (mesh) =>
      forEachClusterOf(mesh, "community", async (cluster, findings) => {
        const entries = await remoteEntries(cluster);
        const peers = expectedPeers(mesh, cluster.name);
        for (const peer of peers) {
          await checkPeer(mesh, cluster, peer, entries, findings, trial);
        }
        checkOthers(mesh, cluster, peers, entries, findings);
        await checkSync(cluster, peers, findings);
        if (findings.list.length === 0) {
          findings.notApplicable("it is linked to no cluster");
        }
      }),
  };
}

export const remoteSecrets = remoteSecretsBy(async (access) => {
  const server = await ApiServer.open(access);
  await server.get("/api/v1/pods?limit=1");
});

async function checkPeer(
  mesh: Mesh,
  cluster: Cluster,
  { name, cluster: peer }: Peer,
  all: readonly RemoteEntry[],
  findings: FindingCollector,
  trial: Trial,
): Promise<void> {
  const entries = all.filter((entry) => entry.cluster === name);
  const [entry, ...more] = entries;
  if (entry === undefined) {
    findings.failed(
      `no Secret with the label istio/multiCluster=true has credentials for ${name}: istiod does not know the pods there`,
      putBackBy(
        `istioctl create-remote-secret --context ${shellWord(peer?.access?.context ?? name)} --name ${name} | ${kubectl(cluster, "apply", "-f", "-")}`,
      ),
    );
    return;
  }
  if (more.length > 0) {
    findings.failed(
      `several Secrets have credentials for ${name} (${entries.map(({ path }) => path).join(", ")}): istiod takes the first that it sees`,
      `Delete ${more.length === 1 ? "the one" : "those"} that the stack does not have: ${entries.map(({ namespace, secret }) => kubectl(cluster, "delete", "secret", "-n", namespace, secret)).join(", or ")}`,
    );
  }
  for (const one of entries) {
    if (one.annotated !== undefined && one.annotated !== name && entriesOf(all, one) === 1) {
      findings.failed(
        `Secret ${one.path} is for ${name} by its data, but for ${one.annotated} by its annotation networking.istio.io/cluster`,
        putBackBy(
          kubectl(
            cluster,
            ...["annotate", "secret", "-n", one.namespace, one.secret],
            ...[`networking.istio.io/cluster=${name}`, "--overwrite"],
          ),
        ),
      );
    }
    if (typeof one.access === "string") {
      findings.failed(`Secret ${one.path}: the kubeconfig for ${name} ${one.access}`, putBack);
    } else if (await isSound(mesh, cluster, name, one, one.access, findings)) {
      await checkCredentials(peer, one, one.access, findings, trial);
    }
  }
}

/** What a kubeconfig shows without a request: its server's address, and when its credentials expire. */
async function isSound(
  mesh: Mesh,
  cluster: Cluster,
  name: string,
  { path }: RemoteEntry,
  { kubeconfig: { server }, ends }: RemoteAccess,
  findings: FindingCollector,
): Promise<boolean> {
  const host = new URL(server).hostname;
  const wrong = await ownerOf(mesh, server, name);
  if (wrong !== undefined) {
    findings.failed(
      `Secret ${path} has ${server} for ${name}, which is ${wrong.place} of ${wrong.cluster}: istiod would read the wrong cluster`,
      `${putBack} After a restart of the container engine, which may swap addresses, use the node's name in place of its address.`,
    );
    return false;
  }
  if (isLoopback(host) && !(await cluster.isHollow())) {
    findings.failed(
      `Secret ${path} has ${server} for ${name}: for istiod's pod that is the pod itself`,
      `Set apiServer on ${name} in the settings to a URL that pods of other clusters can reach, and run pulumi up.`,
    );
    return false;
  }
  if (ends === undefined) {
    return true;
  }
  const left = ends.to.getTime() - Date.now();
  const life = ends.to.getTime() - ends.from.getTime();
  if (left <= 0) {
    findings.failed(`Secret ${path}: the credentials for ${name} expired on ${ends.to.toISOString()}`, putBack);
    return false;
  }
  if (left < Math.min(life * soon.part, soon.most)) {
    findings.warning(`Secret ${path}: the credentials for ${name} expire on ${ends.to.toISOString()}`, putBack);
  }
  return true;
}

/** Puts the credentials to the API server that they are for, by the way to it that this program has. */
async function checkCredentials(
  peer: Cluster | undefined,
  { path, cluster: name }: RemoteEntry,
  { kubeconfig }: RemoteAccess,
  findings: FindingCollector,
  trial: Trial,
): Promise<void> {
  const ready = `Secret ${path} has credentials for ${name} at ${kubeconfig.server}`;
  if (peer?.access === undefined) {
    findings.passed(`${ready}; whether they are accepted there was not tested from here`);
    return;
  }
  try {
    // Nothing is wrong with a Secret for a cluster that just can't be reached from here.
    await peer.nodes();
  } catch (error) {
    const [message] = readFailure(error);
    findings.unknown(
      `${ready}; whether they are accepted there could not be tested (${name}: ${message})`,
      `Make sure that ${name} runs and can be reached from here, and check again.`,
    );
    return;
  }
  try {
    await trial(peer.access.as(kubeconfig));
    findings.passed(`${ready}, which its API server accepts`);
  } catch (error) {
    if (error instanceof Forbidden) {
      findings.failed(`Secret ${path}: the API server of ${name} refuses its credentials: ${error.message}`, putBack);
    } else if (!(error instanceof Unreachable)) {
      throw error;
    } else if (await isOwnAuthority(peer, authorityOf(kubeconfig))) {
      findings.unknown(
        `${ready}; they could not be tested: from here its API server is a different one (${error.message})`,
        "Check what istiod reports: istioctl remote-clusters.",
      );
    } else {
      findings.failed(
        `Secret ${path}: the API server of ${name} can't be reached with the certificate authority in it: ${error.message}`,
        putBack,
      );
    }
  }
}

/** PEM. */
function authorityOf({ authority }: RemoteAccess["kubeconfig"]): string | undefined {
  return authority === undefined ? undefined : Buffer.from(authority, "base64").toString();
}

/** Whether an authority is the one that Kubernetes gives to pods of the cluster to verify its API server. */
async function isOwnAuthority(cluster: Cluster, authority: string | undefined): Promise<boolean> {
  const published = await cluster.get("/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt", objects.ConfigMap);
  try {
    const own = new Set(certificatesIn(published?.data["ca.crt"]).map(keyOf));
    return certificatesIn(authority).some((certificate) => own.has(keyOf(certificate)));
  } catch {
    return false;
  }
}

/** A cluster of the mesh, other than the right one, that a URL leads to. */
async function ownerOf(
  { clusters }: Mesh,
  server: string,
  right: string,
): Promise<{ readonly cluster: string; readonly place: string } | undefined> {
  const { hostname, host } = new URL(server);
  const owners = await Promise.all(
    clusters.map(async (cluster) => {
      // If one does not answer, the others can still be compared.
      const nodes = await cluster.nodes().catch(() => []);
      const node = nodes.find(
        ({ name, addresses }) => name === hostname || addresses.some(({ address }) => address === hostname),
      );
      const place = node ? `node ${node.name}` : ownHost(cluster) === host ? "the API server" : undefined;
      return { cluster: cluster.name, place };
    }),
  );
  const found = owners.flatMap(({ cluster, place }) => (place === undefined ? [] : [{ cluster, place }]));
  return found.some(({ cluster }) => cluster === right) ? undefined : found[0];
}

/** Host and port of a cluster's API server as this program reaches it; undefined where its kubeconfig does not say. */
function ownHost({ access }: Cluster): string | undefined {
  return access && URL.canParse(access.server) ? new URL(access.server).host : undefined;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || /^127\.|^0\.0\.0\.0$|^\[::1?\]$/.test(host);
}

function entriesOf(all: readonly RemoteEntry[], { path }: RemoteEntry): number {
  return all.filter((entry) => entry.path === path).length;
}

/** Secrets without a link: istiod reads those clusters nevertheless, and sends calls there. */
function checkOthers(
  { expected }: Mesh,
  owner: Cluster,
  peers: readonly Peer[],
  entries: readonly RemoteEntry[],
  findings: FindingCollector,
): void {
  const { name } = owner;
  for (const { path, namespace, secret, cluster } of entries) {
    const remedy = `Delete it: ${kubectl(owner, "delete", "secret", "-n", namespace, secret)}`;
    if (cluster === name) {
      findings.failed(`Secret ${path} has credentials for ${name}, which is this cluster itself`, remedy);
    } else if (peers.every((peer) => peer.name !== cluster)) {
      if (expected.links === undefined) {
        findings.notApplicable(`Secret ${path} has credentials for ${cluster}, which is not checked`);
      } else {
        findings.failed(
          `Secret ${path} has credentials for ${cluster}, to which ${name} has no link: istiod still reads it and sends calls there`,
          remedy,
        );
      }
    }
  }
}

/** What istiod reports about the clusters that it reads (DebugInfo in pkg/cluster/debug.go of istio/istio). */
const Clusters = z.array(z.object({ id: z.string(), secretName: z.string().default(""), syncStatus: z.string() }));

async function checkSync(cluster: Cluster, peers: readonly Peer[], findings: FindingCollector): Promise<void> {
  if (peers.length === 0) {
    return;
  }
  if (await cluster.isHollow()) {
    findings.notObservable("whether istiod has read them: no istiod runs in a kwok cluster");
    return;
  }
  const pods = (await Promise.all((await cluster.istiods()).map((istiod) => podsOf(cluster, istiod)))).flat();
  const ready = pods.filter((pod) => pod.ready);
  if (ready.length === 0) {
    findings.unknown(
      "it is unknown whether istiod has read them: none of its pods is Ready",
      "See the check pods: npm run check -- --only pods …",
    );
  }
  for (const { path, metadata } of ready) {
    let reported: z.output<typeof Clusters>;
    try {
      const place = { namespace: metadata.namespace, pod: metadata.name, port: 8080 };
      reported = Clusters.parse(await cluster.fromPod(place, "/debug/clusterz"));
    } catch (error) {
      const [message, remedy] = readFailure(error);
      findings.unknown(`it is unknown whether istiod (pod ${path}) has read them: ${message}`, remedy);
      continue;
    }
    for (const { name } of peers) {
      const status = reported.find(({ id }) => id === name)?.syncStatus;
      if (status === "synced") {
        findings.passed(`istiod (pod ${path}) has read ${name}`);
      } else {
        findings.failed(
          status === undefined
            ? `istiod (pod ${path}) does not know of ${name}`
            : `istiod (pod ${path}) has not read ${name}: it reports ${status}`,
          `Find out why: ${kubectl(cluster, "logs", "-n", metadata.namespace, metadata.name)} | grep ${name}. It has to reach the API server of ${name}; after that: ${kubectl(cluster, "rollout", "restart", "-n", metadata.namespace, "deployment", "-l", "app=istiod")}`,
        );
      }
    }
  }
}
