import { type ClusterSettings, planLinks, type Settings } from "../../settings";
import { systemNamespace } from "../mesh";
import { eastWest, parametersName, peerGatewayName } from "./gateway";
import { hasParameters } from "./gateway-infrastructure";
import { peeringRelease } from "./peer-links";
import { readerAccount, remoteSecretName } from "./remote-access";

/** An object that peering creates in a cluster. */
interface PeeringObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly name: string;
  /** Its resource's name after the cluster's name prefix. */
  readonly resource: string;
  /** The Helm release that may have created it instead. */
  readonly release?: string;
}

const gateway = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", namespace: eastWest };
const pods = { namespace: eastWest, name: eastWest, resource: eastWest };
const secret = { apiVersion: "v1", kind: "Secret", namespace: systemNamespace };

/** The objects that peering creates in a cluster; for links, those whose ends the settings name. */
export function peeringObjects(settings: Settings, cluster: ClusterSettings): readonly PeeringObject[] {
  const own = settings.clusters.map(({ name }) => name);
  const links = planLinks(settings.links, own, []);
  const peers = links.flatMap(({ from, to }) => (from === cluster.name ? [to] : []));
  if (settings.distribution === "community") {
    const read = settings.peerStacks.length > 0 || links.some(({ to }) => to === cluster.name);
    return [
      ...(read ? readerObjects : []),
      ...peers.map((peer) => ({ ...secret, name: remoteSecretName(peer), resource: `remote-secret-${peer}` })),
    ];
  }
  const { autoscaling, podDisruptionBudget } = cluster.eastWestGateway ?? {};
  const parameters = { apiVersion: "v1", kind: "ConfigMap", namespace: eastWest, name: parametersName };
  return [
    { ...gateway, name: eastWest, resource: eastWest },
    ...(cluster.nodePort || hasParameters(cluster.eastWestGateway)
      ? [{ ...parameters, resource: parametersName }]
      : []),
    ...(autoscaling ? [{ apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", ...pods }] : []),
    ...(podDisruptionBudget ? [{ apiVersion: "policy/v1", kind: "PodDisruptionBudget", ...pods }] : []),
    ...peers.map((peer) => ({
      ...gateway,
      name: peerGatewayName(peer),
      resource: `peer-${peer}`,
      release: peeringRelease,
    })),
  ];
}

const readerObjects: readonly PeeringObject[] = [
  { apiVersion: "v1", kind: "ServiceAccount", namespace: systemNamespace },
  ...["Role", "RoleBinding"].map((kind) => ({ ...rbac(kind), namespace: systemNamespace })),
  ...["ClusterRole", "ClusterRoleBinding"].map(rbac),
].map((object) => ({ ...object, name: readerAccount, resource: readerAccount }));

function rbac(kind: string): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: "rbac.authorization.k8s.io/v1", kind };
}
