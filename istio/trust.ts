import { z } from "zod";
import { type Access, ApiServer, getFromPod, type Pod, reasonOf, runningPods, Unreachable } from "../kubernetes";
import { certificatesIn, certificatesOfCacerts } from "../certificates";
import { issuerOf, istiodPort } from "./issuer";
import { type Dump, dumpPath, readDump } from "./proxy-dump";
import { unreadTrust, type TrustState } from "./trust-state";

const ConfigMap = z.object({
  metadata: z.object({ managedFields: z.array(z.object({ time: z.string().optional() })).default([]) }),
  data: z.record(z.string(), z.string()).default({}),
});

/** How many pods of a cluster are asked at a time. */
const atATime = 8;

/**
 * Reads what a cluster signs with and which certificates its workloads have. Changes nothing.
 *
 * @param cluster The mesh's name of it.
 */
export async function readTrust(cluster: string, access: Access): Promise<TrustState> {
  try {
    const server = await ApiServer.open(access);
    const [files, config, pods] = await Promise.all([
      server.secret("istio-system", "cacerts"),
      server.get("/api/v1/namespaces/istio-system/configmaps/istio-ca-root-cert"),
      runningPods(server),
    ]);
    const published = config === undefined ? undefined : ConfigMap.parse(config);
    const istiods = await inTurns(pods.filter(isIstiod), (pod) => readIstiod(access, pod));
    const proxies = await inTurns(pods.filter(isProxy), (pod) => readProxy(access, pod));
    const publishedAt = Math.max(
      ...(published?.metadata.managedFields ?? []).map(({ time = "" }) => Date.parse(time) || 0),
      0,
    );
    return {
      cluster,
      ...(files && { cacerts: trustIn(files) }),
      issuers: istiods.flatMap(({ issuers }) => issuers),
      ...(istiods.length > 0 && { published: certificatesIn(published?.data["root-cert.pem"]) }),
      workloads: proxies.flatMap(({ workloads }) => workloads),
      outdated: proxies.flatMap(({ started, reads, pod }) => (reads === "once" && started < publishedAt ? [pod] : [])),
      perhapsOutdated: proxies.flatMap(({ started, reads, pod }) =>
        reads === "unknown" && started < publishedAt ? [pod] : [],
      ),
      unseen: [
        ...(files ? [] : ["it has no Secret istio-system/cacerts"]),
        ...[...istiods, ...proxies].flatMap(({ unseen }) => unseen),
      ],
    };
  } catch (error) {
    // Out of reach, forbidden, or with a certificate in it that can't be read: whatever it is, nothing is known of it.
    return unreadTrust(cluster, reasonOf(error));
  }
}

function trustIn(files: Readonly<Record<string, string>>): NonNullable<TrustState["cacerts"]> {
  const { chain, roots } = certificatesOfCacerts(files);
  return { chain, trusted: roots };
}

/** A control plane of Istio's. */
export function isIstiod({ metadata }: Pod): boolean {
  return metadata.labels["app"] === "istiod";
}

async function readIstiod(access: Access, { metadata }: Pod): Promise<Pick<TrustState, "issuers" | "unseen">> {
  const { namespace, name } = metadata;
  try {
    const certificate = await issuerOf(access, { namespace, pod: name, port: istiodPort });
    return { issuers: [{ pod: `${namespace}/${name}`, certificate }], unseen: [] };
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    return { issuers: [], unseen: [error.message] };
  }
}

/** ztunnel, a gateway, a waypoint, or a workload with a sidecar: the container has the same name in all of them. */
function isProxy({ spec }: Pod): boolean {
  return [...spec.containers, ...spec.initContainers].some(({ name }) => name === "istio-proxy");
}

interface ProxyState extends Pick<TrustState, "workloads" | "unseen"> {
  readonly pod: string;
  /** In milliseconds since 1970; 0 where the pod does not tell. */
  readonly started: number;
  readonly reads: Dump["readsRoots"];
}

async function readProxy(access: Access, { metadata, status }: Pod): Promise<ProxyState> {
  const { namespace, name } = metadata;
  const pod = `${namespace}/${name}`;
  const started = Date.parse(status.startTime ?? "") || 0;
  try {
    const answer = await getFromPod(access, { namespace, pod: name, port: 15000 }, dumpPath);
    const dump = readDump(pod, answer);
    return {
      pod,
      workloads: dump?.certificates ?? [],
      unseen: dump ? [] : [`pod ${pod} does not report its certificates like a proxy of Istio`],
      started,
      // What tells of nothing is among what could not be looked at.
      reads: dump?.readsRoots ?? "always",
    };
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    return { pod, workloads: [], unseen: [error.message], started, reads: "always" };
  }
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length; start += atATime) {
    results.push(...(await Promise.all(items.slice(start, start + atATime).map(work))));
  }
  return results;
}
