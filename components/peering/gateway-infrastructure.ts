import type { EastWestGatewaySettings } from "../../settings";
import { discoveryPort, parametersName } from "./gateway";

/** What istiod makes of a Gateway beside its listeners. */
export interface Infrastructure {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly parametersRef?: { readonly group: string; readonly kind: string; readonly name: string };
}

interface OwnMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The Gateway's `spec.infrastructure`; undefined if nothing needs it.
 *
 * Without it, istiod copies the Gateway's own labels and annotations to the Service, Deployment and pods; with it, those alone that stand
 * there, labels and annotations each (`extractInfrastructureMetadata` in its deploymentcontroller.go). So the own ones go along.
 *
 * @param own The Gateway's own metadata, as far as it is the mesh's.
 * @param parameters Whether there is a ConfigMap of parameters.
 */
export function infrastructureOf(
  { labels, annotations }: EastWestGatewaySettings,
  own: OwnMetadata,
  parameters: boolean,
): Infrastructure | undefined {
  const infrastructure: Infrastructure = {
    ...(isFilled(labels) && { labels: { ...labels, ...own.labels } }),
    ...(isFilled(annotations) && { annotations: { ...annotations, ...own.annotations } }),
    ...(parameters && { parametersRef: { group: "", kind: "ConfigMap", name: parametersName } }),
  };
  return isFilled(infrastructure) ? infrastructure : undefined;
}

/** Name of the container in the Gateway's pods (kube-gateway.yaml and waypoint.yaml among the files of Istio's chart). */
const proxyContainer = "istio-proxy";

/**
 * What istiod merges into the Service and Deployment that it makes of the Gateway, by the keys of its ConfigMap of parameters: strategic
 * merge patches. (Istio's "Automated deployment" of Gateways; 1.26 and later.)
 *
 * @param nodePort Fixed port for the control planes of others, which have to name it and could not learn one that the API server chooses.
 */
export function gatewayParameters(
  settings: EastWestGatewaySettings,
  nodePort?: number,
): Readonly<Record<string, string>> {
  const service = withoutEmpty({
    metadata: withoutEmpty({ annotations: settings.serviceAnnotations }),
    spec: withoutEmpty({
      ...(nodePort !== undefined && { type: "NodePort", ports: [{ port: discoveryPort, nodePort }] }),
      loadBalancerClass: settings.loadBalancerClass,
      loadBalancerIP: settings.loadBalancerIP,
      loadBalancerSourceRanges: settings.loadBalancerSourceRanges,
      externalTrafficPolicy: settings.externalTrafficPolicy,
    }),
  });
  const pod = withoutEmpty({
    nodeSelector: settings.nodeSelector,
    tolerations: settings.tolerations,
    affinity: settings.affinity,
    priorityClassName: settings.priorityClassName,
    ...(isFilled(settings.resources) && { containers: [{ name: proxyContainer, resources: settings.resources }] }),
  });
  const deployment = withoutEmpty({
    spec: withoutEmpty({
      replicas: settings.replicas,
      ...(isFilled(pod) && { template: { spec: pod } }),
    }),
  });
  return {
    ...(isFilled(service) && { service: JSON.stringify(service) }),
    ...(isFilled(deployment) && { deployment: JSON.stringify(deployment) }),
  };
}

/** Whether a cluster's east-west Gateway has a ConfigMap of parameters that settings can change. */
export function hasParameters(settings: EastWestGatewaySettings | undefined): boolean {
  return settings !== undefined && isFilled(gatewayParameters(settings));
}

function isFilled(value: object | undefined): boolean {
  return value !== undefined && Object.values(value).some((one) => one !== undefined);
}

/** Without what is not given, and without maps and lists that have nothing in them. */
function withoutEmpty(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(typeof value === "object" && value !== null && !isFilled(value)),
    ),
  );
}
