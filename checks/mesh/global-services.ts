import { serviceAddressesIn, ztunnelStatePath } from "../../istio";
import type { Check, Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects, peersOf } from "../inventory";
import { readFailure } from "../inventory/each-cluster";
import { type Endpoint, endpointsOf, globalLabels, type SharedService, sharedServices } from "./shared-services";
import { kubectl, shellWord } from "../remedies";
import { podsOf, ztunnels } from "./workloads";

type Distribution = "solo" | "community";

/** What is known of one cluster. */
interface Side {
  readonly cluster: Cluster;
  readonly distribution: Distribution;
  readonly services: readonly SharedService[];
  /** By the Service's path. */
  readonly endpoints: ReadonlyMap<string, readonly Endpoint[]>;
}

/** Whether Services shared by all clusters exist, have pods, and each ztunnel knows all of these pods. */
export const globalServices: Check = {
  id: "global-services",
  title:
    "Global services exist in every linked cluster, have endpoints, and ztunnel knows the endpoints of all of them",
  causes: {
    inCluster: ["pods", "istiod-environment"],
    acrossLinks: ["network-name", "cluster-names", "peers", "remote-secrets", "remote-api-servers"],
  },
  async run(mesh) {
    const sides = new Map<string, Side>();
    const unseen = await forEachCluster(mesh, async (cluster) => {
      const side = await sideOf(cluster, mesh);
      sides.set(cluster.name, side);
    });
    // In the mesh's order, whichever answers first.
    const all = mesh.clusters.flatMap(({ name }) => sides.get(name) ?? []);
    if (all.every(({ services }) => services.length === 0) && unseen.length === 0) {
      return [
        {
          status: "notApplicable",
          message: `no Service has the label ${globalLabels[all[0]?.distribution ?? "solo"]}: none is shared by clusters`,
        },
      ];
    }
    return [
      ...unseen,
      ...checkEndpoints(all),
      ...(await forEachCluster({ ...mesh, clusters: all.map(({ cluster }) => cluster) }, async (cluster, findings) => {
        const side = sides.get(cluster.name);
        if (side !== undefined) {
          const peers = peersOf(mesh, cluster.name).flatMap(({ name }) => sides.get(name) ?? []);
          await checkSide(side, peers, findings);
        }
      })),
    ];
  },
};

async function sideOf(cluster: Cluster, { expected }: Mesh): Promise<Side> {
  const distribution = expected.distribution ?? (await cluster.distribution()) ?? "community";
  const services = await sharedServices(cluster, distribution);
  const endpoints = await Promise.all(
    services.map(async (service): Promise<[string, Endpoint[]]> => [service.path, await endpointsOf(cluster, service)]),
  );
  return { cluster, distribution, services, endpoints: new Map(endpoints) };
}

/** A Service without endpoints in any cluster is unused, or its pods are broken. */
function checkEndpoints(sides: readonly Side[]): Finding[] {
  const paths = new Set(sides.flatMap(({ services }) => services.map(({ path }) => path)));
  return [...paths].flatMap((path): Finding[] => {
    const holders = sides.filter(({ services }) => services.some((service) => service.path === path));
    if (holders.some(({ endpoints }) => (endpoints.get(path) ?? []).length > 0)) {
      return [];
    }
    const [namespace = ""] = path.split("/");
    return [
      {
        status: "failed",
        message: `Service ${path} has no ready endpoint in any cluster (${holders.map(({ cluster }) => cluster.name).join(", ")})`,
        remedy: `Find out why, by its endpoints and the pods that its selector finds: ${holders.map(({ cluster }) => kubectl(cluster, "get", "endpointslices,pods", "-n", namespace)).join("; ")}`,
      },
    ];
  });
}

async function checkSide(side: Side, peers: readonly Side[], findings: FindingCollector): Promise<void> {
  const { cluster, distribution } = side;
  const seen = new Map([side, ...peers].flatMap(({ services }) => services.map((service) => [service.path, service])));
  if (seen.size === 0) {
    findings.notApplicable("neither it nor a cluster that it is linked to has a global service");
    return;
  }
  const hollow = await cluster.isHollow();
  const standing: SharedService[] = [];
  for (const service of seen.values()) {
    const stands =
      distribution === "community"
        ? await checkService(side, peers, service, findings)
        : await checkEntry(cluster, service, hollow, findings);
    if (stands) {
      standing.push(service);
    }
  }
  if (hollow) {
    findings.notObservable("the endpoints that ztunnel knows: it does not run in a kwok cluster");
  } else if (standing.length > 0) {
    await checkState(side, peers, standing, findings);
  }
}

/** Upstream: each cluster that calls a Service has it itself. */
async function checkService(
  { cluster, services }: Side,
  peers: readonly Side[],
  { path, namespace, name }: SharedService,
  findings: FindingCollector,
): Promise<boolean> {
  if (services.some((service) => service.path === path)) {
    return true;
  }
  const holders = peers.filter((peer) => peer.services.some((service) => service.path === path));
  const where = holders.map((peer) => peer.cluster.name).join(", ");
  const all = await cluster.list("/api/v1/services", objects.Service);
  if (all.some(({ metadata }) => metadata.namespace === namespace && metadata.name === name)) {
    findings.failed(
      `Service ${path} is global in ${where}, but does not have the label ${globalLabels.community} here: calls stay in this cluster`,
      `If it is the stack's, run pulumi up, which puts the label back. Else: ${kubectl(cluster, "label", "service", "-n", namespace, name, globalLabels.community, "--overwrite")}`,
    );
  } else {
    findings.failed(
      `Service ${path} is global in ${where}, but does not exist here: its host is unknown in this cluster`,
      `If it is the stack's, run pulumi up, which puts it back. Else create the same Service here, with the label ${globalLabels.community}; it needs no pods.`,
    );
  }
  return false;
}

/** Solo: istiod creates a ServiceEntry for each, in its own namespace. */
async function checkEntry(
  cluster: Cluster,
  { path, namespace, name, scope }: SharedService,
  hollow: boolean,
  findings: FindingCollector,
): Promise<boolean> {
  const [istiod] = await cluster.istiods();
  const system = istiod?.metadata.namespace ?? "istio-system";
  const entries = await cluster.list(
    `/apis/networking.istio.io/v1/namespaces/${system}/serviceentries`,
    objects.ServiceEntry,
  );
  const host = hostOf({ namespace, name }, "solo");
  const own = entries.filter(
    ({ metadata }) => metadata.name.startsWith("autogen.") && metadata.name.endsWith(`.${namespace}.${name}`),
  );
  // A segment has a domain of its own.
  if (own.some(({ spec }) => scope === "segment" || spec.hosts.includes(host))) {
    return true;
  }
  const expectedEntry = `ServiceEntry ${system}/autogen.${namespace}.${name} with host ${host}`;
  if (hollow) {
    findings.notObservable(`no istiod runs here to create ${expectedEntry}`);
  } else {
    findings.failed(
      `Service ${path} has no ${expectedEntry}: it can't be called across clusters`,
      `Find out why: ${kubectl(cluster, "logs", "-n", system, `deployment/${istiod?.metadata.name ?? "istiod"}`)}, and see the check peers.`,
    );
  }
  return false;
}

/** What a running ztunnel knows: one per cluster, since istiod sends the same to all of them. */
async function checkState(
  { cluster, distribution, ...side }: Side,
  peers: readonly Side[],
  services: readonly SharedService[],
  findings: FindingCollector,
): Promise<void> {
  const daemons = await ztunnels(cluster);
  const pods = (await Promise.all(daemons.map((daemon) => podsOf(cluster, daemon)))).flat();
  const pod = pods.find(({ ready }) => ready);
  if (pod === undefined) {
    findings.unknown("the endpoints that ztunnel knows are unknown: none of its pods is Ready", "See the check pods.");
    return;
  }
  let known: ReturnType<typeof serviceAddressesIn>;
  try {
    const place = { namespace: pod.metadata.namespace, pod: pod.metadata.name, port: 15000 };
    known = serviceAddressesIn(await cluster.fromPod(place, ztunnelStatePath));
  } catch (error) {
    const [message, remedy] = readFailure(error);
    findings.unknown(`the endpoints that ztunnel (pod ${pod.path}) knows: ${message}`, remedy);
    return;
  }
  const context = cluster.access?.context ?? cluster.name;
  const ztunnelConfig = `istioctl --context ${shellWord(context)} ztunnel-config services ${pod.metadata.name}.${pod.metadata.namespace}`;
  if (known === undefined) {
    findings.unknown(
      `the endpoints that ztunnel (pod ${pod.path}) knows are unknown: its dump has an unknown format`,
      `Inspect it by hand: ${ztunnelConfig}`,
    );
    return;
  }
  for (const service of services.filter(({ scope }) => scope === "global")) {
    const host = hostOf(service, distribution);
    const addresses = known(host, service.namespace) ?? known(host, "istio-system");
    if (addresses === undefined) {
      findings.failed(
        `ztunnel (pod ${pod.path}) does not know ${host}`,
        `Check what istiod sends it: ${ztunnelConfig}; and whether it is connected: istioctl --context ${shellWord(context)} proxy-status`,
      );
      continue;
    }
    const sides = [{ cluster, ...side }, ...peers];
    const missing = sides.flatMap((one) =>
      (one.endpoints.get(service.path) ?? [])
        .filter(({ address }) => !addresses.has(address))
        .map(({ pod: name, address }) => `${name || "an endpoint"} of ${one.cluster.name} (${address})`),
    );
    if (missing.length > 0) {
      findings.failed(
        `ztunnel (pod ${pod.path}) does not know all endpoints of ${host}: ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing`,
        distribution === "community"
          ? "Check whether istiod reads that cluster (check remote-secrets), and whether the network has the same name everywhere (network-name)."
          : "Check whether istiod is connected to that peer (check peers), and whether the network has the same name everywhere (network-name).",
      );
    } else {
      findings.passed(`ztunnel (pod ${pod.path}) knows ${host} with ${String(addresses.size)} endpoints`);
    }
  }
}

function hostOf({ namespace, name }: Pick<SharedService, "namespace" | "name">, distribution: Distribution): string {
  return `${name}.${namespace}.${distribution === "solo" ? "mesh.internal" : "svc.cluster.local"}`;
}
