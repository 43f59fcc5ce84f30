import type { ApiServerAddress, ExistingClusterAccess } from "../components/clusters";
import { PreconditionError } from "../diagnostics";
import { type Access, engineersAccess, ownAccess } from "../kubernetes";
import { type ExistingClusterSettings, givenKubeconfig, planLinks, type Settings } from "../settings";
import { type RecordedKubeconfig, recordedKubeconfigs, type StackState } from "../stacks";
import type { PlannedCluster } from "./cluster-plan";
import { failure, information, type Judged, type Problem } from "./problems";

/**
 * Access to the stack's clusters that exist, before this update changes anything. A provisioned cluster is reached by the kubeconfig in
 * the state, an existing one by the settings: earlier versions have recorded the kubeconfig of whoever ran them, which may need files
 * and programs of another machine.
 *
 * @param clusters A cluster that is about to be recreated counts as one that does not exist yet.
 * @returns By name. A cluster that is not in the state has no entry.
 * @throws PreconditionError if a kubeconfig can't be used.
 */
export function currentAccess(clusters: readonly PlannedCluster[], state: StackState): ReadonlyMap<string, Access> {
  const byPrefix = new Map(clusters.map((cluster) => [cluster.namePrefix, cluster]));
  return new Map(
    recordedKubeconfigs(state).flatMap(({ namePrefix, access }): [string, Access][] => {
      const cluster = byPrefix.get(namePrefix);
      if (cluster === undefined) {
        return [];
      }
      const { name, settings } = cluster;
      const way = settings.provisioner === "existing" ? accessTo(settings) : access();
      return way === undefined ? [] : [[name, way]];
    }),
  );
}

/**
 * Access to an existing cluster: by the context that the settings name, and nothing else of its kubeconfig.
 *
 * @returns Undefined where the kubeconfig is yet to come: see kubeconfigs.ts.
 * @throws PreconditionError when the engineer's own kubeconfig lacks the context.
 */
export function accessTo({ name, kubeconfig, kubeconfigFrom, context }: ExistingClusterSettings): Access | undefined {
  const text = givenKubeconfig(kubeconfig);
  if (text !== undefined) {
    return ownAccess(text, kubeconfigFrom ?? `the kubeconfig of cluster ${name} in the settings`, context);
  }
  if (kubeconfig !== undefined) {
    return undefined;
  }
  if (context !== undefined) {
    return engineersAccess(context, name);
  }
  throw new PreconditionError(
    "An existing cluster needs a kubeconfig or a context: set one of the two.",
    "docs/existing-clusters.md#kubeconfigs",
  );
}

/**
 * What the stack records of the ways to its existing clusters, by name. A kubeconfig of the settings is recorded. Of the engineer's own
 * nothing is but the context's name, and the API server's address by which the stack has first reached the cluster: everybody who
 * runs the program has to get the same plan.
 *
 * @param uids Of the clusters' namespaces kube-system, as far as they could be read.
 * @param offline Whoever looks at nothing may lack the kubeconfigs as well: the state has what it needs of clusters that it has.
 * @throws PreconditionError
 */
export function judgeAccess(
  clusters: readonly PlannedCluster[],
  settings: Pick<Settings, "distribution" | "links" | "peerStacks">,
  state: StackState,
  uids: ReadonlyMap<string, string>,
  offline: boolean,
): Judged<Readonly<Record<string, ExistingClusterAccess>>> {
  const recorded = new Map(recordedKubeconfigs(state).map((one) => [one.namePrefix, one]));
  const problems: Problem[] = [];
  const access = clusters.flatMap(({ name, namePrefix, settings: cluster }): [string, ExistingClusterAccess][] => {
    if (cluster.provisioner !== "existing") {
      return [];
    }
    const before = recorded.get(namePrefix);
    const uid = uids.get(name) ?? before?.uid;
    const known = addressIn(before, cluster.context);
    if (cluster.kubeconfig === undefined && cluster.context !== undefined && offline && known !== undefined) {
      return [[name, { context: cluster.context, apiServer: known, ...(uid !== undefined && { uid }) }]];
    }
    const way = offline && before && !before.ambient ? before.access(cluster.context) : accessTo(cluster);
    if (way === undefined) {
      return [[name, { yetToCome: true, ...(cluster.context !== undefined && { context: cluster.context }) }]];
    }
    const { kubeconfig, context, server, tlsServerName } = way;
    const own: ApiServerAddress = { url: server, ...(tlsServerName !== undefined && { tlsServerName }) };
    const given = cluster.kubeconfig !== undefined;
    const apiServer = given ? own : (known ?? own);
    if (cluster.apiServer === undefined && isRead(name, clusters, settings)) {
      problems.push(...(apiServer === own ? detourProblems(name, way) : otherAddress(name, own, apiServer)));
    }
    return [[name, { ...(given && { kubeconfig }), context, apiServer, ...(uid !== undefined && { uid }) }]];
  });
  return { value: Object.fromEntries(access), problems };
}

/** Whether the control planes of other clusters ask the API server of this one. */
function isRead(
  name: string,
  clusters: readonly PlannedCluster[],
  { distribution, links, peerStacks }: Pick<Settings, "distribution" | "links" | "peerStacks">,
): boolean {
  const own = clusters.map((cluster) => cluster.name);
  return (
    distribution === "community" && (peerStacks.length > 0 || planLinks(links, own, []).some(({ to }) => to === name))
  );
}

function otherAddress(name: string, own: ApiServerAddress, known: ApiServerAddress): readonly Problem[] {
  return own.url === known.url
    ? []
    : [
        information(
          `Cluster ${name}: your kubeconfig has its API server at ${own.url}, and its peers know it at ${known.url}, as the state has it. ` +
            "That stays: set apiServer on the cluster if they are to use another address.",
        ),
      ];
}

/** Peers get the URL, the cluster's own authority, and a token of it: where kubectl needs more, they would be refused. */
function detourProblems(name: string, { server, detours }: Access): readonly Problem[] {
  const { pathname } = new URL(server);
  const reasons = [
    ...(detours.includes("proxy-url")
      ? ["reaches its API server through a proxy (proxy-url), which belongs to this machine"]
      : []),
    ...(detours.includes("insecure-skip-tls-verify")
      ? [
          "does not verify its API server (insecure-skip-tls-verify), and its peers do, with the cluster's own authority",
        ]
      : []),
    ...(pathname === "/"
      ? []
      : [
          "reaches its API server by a path of another server, such as Rancher, which accepts no token of the cluster's own",
        ]),
  ];
  return reasons.map((reason) =>
    failure(
      `Cluster ${name}: its kubeconfig ${reason}. Set apiServer on the cluster to a URL of the API server itself that pods of the other ` +
        "clusters reach, and whose host its certificate names.",
      "docs/community.md#the-api-servers-address",
    ),
  );
}

/** The address that peers know, unless only one machine can reach it; earlier versions recorded it in the kubeconfig alone. */
function addressIn(recorded: RecordedKubeconfig | undefined, context?: string): ApiServerAddress | undefined {
  if (recorded === undefined) {
    return undefined;
  }
  const { ambient, apiServer } = recorded;
  if (apiServer === undefined && ambient) {
    return undefined;
  }
  const { url, tlsServerName } = apiServer ?? addressOf(recorded.access(context));
  return isLoopback(url) ? undefined : { url, ...(tlsServerName !== undefined && { tlsServerName }) };
}

function addressOf({ server, tlsServerName }: Access) {
  return { url: server, tlsServerName };
}

/** Whether a URL leads to the machine that asks. */
function isLoopback(url: string): boolean {
  return /^https?:\/\/(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?=[:/]|$)/.test(url);
}
