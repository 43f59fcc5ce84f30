import { isIP } from "node:net";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachClusterOf, type Mesh, type objects } from "../inventory";
import { kubectl, putBack, putBackBy } from "../remedies";
import {
  clusterLabel,
  discoveryPort,
  eastWestGateways,
  gatewaysCommand,
  listenerProblems,
  peerGateways,
} from "./gateways";

/** Conditions that istiod sets on the Gateway of a peer, and what it means if they are not true. */
const conditions = {
  "gloo.solo.io/PeerConnected": "no connection to the peer's control plane",
  "gloo.solo.io/PeeringSucceeded": "the peer's services were not imported",
  "gloo.solo.io/PeerDataPlaneProgrammed": "the peer's pods are not known to the data plane",
} as const;

const [trustDomain, serviceAccount] = ["gateway.istio.io/trust-domain", "gateway.istio.io/service-account"] as const;

/** For every link from a cluster to another there is one complete Gateway, and the peer behind it is connected. */
export const peers: Check = {
  id: "peers",
  title: "Every link has its peer Gateway, complete and connected",
  causes: {
    inCluster: ["istiod-environment", "license", "pods", "cluster-names", "trust-domain", "root", "east-west-gateways"],
    acrossLinks: ["pods", "network-name", "cluster-names", "root", "east-west-gateways"],
  },
  run: (mesh) =>
    forEachClusterOf(mesh, "solo", async (cluster, findings) => {
      const gateways = await peerGateways(cluster);
      const expectedNames = expectedPeerNames(mesh, cluster);
      for (const peer of expectedNames) {
        const between = findings.between(peer);
        const own = gateways.filter(({ metadata }) => metadata.labels[clusterLabel] === peer);
        const [gateway] = own;
        if (gateway === undefined) {
          between.failed(
            `there is no Gateway for peer ${peer} (class istio-remote, label ${clusterLabel}=${peer}): services of ${peer} can't be called from here`,
            `${putBack} If this link is not wanted, list those that are: links in the settings, or --links a>b,b>c with contexts.`,
          );
        } else if (own.length > 1) {
          between.failed(
            `peer ${peer} has ${String(own.length)} Gateways: ${own.map(({ path }) => path).join(", ")}`,
            `istiod uses one Gateway per peer. Delete ${own.length === 2 ? "the one" : "those"} that the stack does not have: ${own.map((one) => gatewaysCommand(cluster, "delete", one)).join(", or ")}`,
          );
        } else {
          await checkPeer(mesh, cluster, peer, gateway, between);
        }
      }
      checkOthers(mesh, cluster, gateways, expectedNames, findings);
      if (expectedNames.length === 0) {
        findings.notApplicable("no link starts here");
      }
    }),
};

function expectedPeerNames({ expected, clusters }: Mesh, { name }: Cluster): string[] {
  return expected.links === undefined
    ? clusters.map((one) => one.name).filter((one) => one !== name)
    : expected.links.flatMap(({ from, to }) => (from === name ? [to] : []));
}

/** Gateways without a link: left over from a removed cluster, or created by hand. */
function checkOthers(
  { expected }: Mesh,
  cluster: Cluster,
  gateways: readonly objects.Gateway[],
  expectedNames: readonly string[],
  findings: FindingCollector,
): void {
  for (const gateway of gateways) {
    const peer = gateway.metadata.labels[clusterLabel];
    const remove = gatewaysCommand(cluster, "delete", gateway);
    if (peer === undefined) {
      findings.failed(
        `Gateway ${gateway.path} does not name the cluster that it stands for (label ${clusterLabel})`,
        putBackBy(`${gatewaysCommand(cluster, "label", gateway)} ${clusterLabel}=PEER (PEER is the peer's name)`),
      );
    } else if (peer === cluster.name) {
      findings.failed(
        `Gateway ${gateway.path} makes the cluster a peer of itself`,
        `If the stack made it, run pulumi up, which puts its label back. Else delete it: ${remove}`,
      );
    } else if (!expectedNames.includes(peer)) {
      if (expected.links === undefined) {
        findings.notApplicable(`Gateway ${gateway.path} is for ${peer}, which was not checked`);
      } else {
        findings.failed(
          `Gateway ${gateway.path} is for ${peer}, to which the stack has no link from here`,
          `Delete it: ${remove}`,
        );
      }
    }
  }
}

async function checkPeer(
  mesh: Mesh,
  cluster: Cluster,
  peer: string,
  gateway: objects.Gateway,
  findings: FindingCollector,
): Promise<void> {
  const { path, metadata } = gateway;
  const remedy = putBackBy(gatewaysCommand(cluster, "edit", gateway));
  const before = findings.list.length;
  const published = mesh.expected.eastWestAddresses?.[peer];
  for (const problem of listenerProblems(gateway, published?.port ?? discoveryOf(gateway))) {
    findings.failed(`Gateway ${path} has ${problem}`, remedy);
  }
  for (const name of [trustDomain, serviceAccount]) {
    if (!metadata.annotations[name]) {
      findings.failed(`Gateway ${path} does not have the annotation ${name}`, remedy);
    }
  }
  await checkAddress(mesh, cluster, peer, gateway, findings);
  const hollow = await cluster.isHollow();
  for (const [type, meaning] of Object.entries(conditions)) {
    const condition = gateway.status.conditions.find((one) => one.type === type);
    if (condition?.status !== "True") {
      findings.failed(
        `Gateway ${path}: ${type} is ${condition?.status ?? "absent"}${condition?.message ? ` (${condition.message})` : ""}: ${meaning}`,
        `Check what istiod reports: ${kubectl(cluster, "logs", "-n", "istio-system", "deployment/istiod")}; and whether ${gateway.spec.addresses[0]?.value ?? peer} ` +
          "answers on its discovery port from this cluster.",
      );
    }
  }
  if (findings.list.length === before) {
    if (hollow) {
      findings.notObservable(
        `Gateway ${path} is complete; its connection to ${peer} is simulated, since no istiod runs in a kwok cluster`,
      );
    } else {
      findings.passed(`${peer} is connected (Gateway ${path})`);
    }
  }
}

/** The peering chart and istioctl may use a node port; peers behind a load balancer are reached on 15012. */
function discoveryOf({ metadata, spec }: objects.Gateway): number {
  const byNodes = metadata.annotations["peering.solo.io/preferred-data-plane-service-type"] === "nodeport";
  return (byNodes && spec.listeners.find(({ protocol }) => protocol === "TLS")?.port) || discoveryPort;
}

/** Compares with the current address of the peer's east-west Gateway, or else with that in its stack's outputs. */
async function checkAddress(
  mesh: Mesh,
  cluster: Cluster,
  peer: string,
  gateway: objects.Gateway,
  findings: FindingCollector,
): Promise<void> {
  const { path, spec } = gateway;
  if (spec.addresses.length === 0) {
    findings.failed(
      `Gateway ${path} has no address for ${peer}`,
      putBackBy(`${gatewaysCommand(cluster, "edit", gateway)} (spec.addresses)`),
    );
  }
  for (const { type, value } of spec.addresses) {
    const right = isIP(value) === 0 ? "Hostname" : "IPAddress";
    if (type !== right) {
      findings.failed(
        `Gateway ${path} has the address ${value} as ${type}, but it is of type ${right}`,
        putBackBy(`${gatewaysCommand(cluster, "edit", gateway)} (spec.addresses)`),
      );
    }
  }
  const has = spec.addresses.map(({ value }) => value);
  const now = await addressesOf(mesh, peer);
  if (has.length > 0 && now.length > 0 && !has.some((value) => now.includes(value))) {
    findings.failed(
      `Gateway ${path} has the address ${has.join(", ")}, but the east-west Gateway of ${peer} is at ${now.join(", ")}`,
      "Run pulumi up, which updates the address.",
    );
  }
}

/** Where a peer is reached; empty where that is unknown. */
async function addressesOf({ clusters, expected }: Mesh, peer: string): Promise<string[]> {
  const published = expected.eastWestAddresses?.[peer];
  if (published?.port !== undefined) {
    // Of its Service a Gateway only knows a name inside the cluster.
    return [published.value];
  }
  const cluster = clusters.find(({ name }) => name === peer);
  const gateways = cluster === undefined ? [] : await eastWestGateways(cluster).catch(() => []);
  const live = gateways.flatMap(({ status }) => status.addresses.map(({ value }) => value));
  return live.length > 0 ? live : published === undefined ? [] : [published.value];
}
