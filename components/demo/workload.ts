import type * as k8s from "@pulumi/kubernetes";

/** Namespace of everything in the demo. */
export const demoNamespace = "demo";

/** How the pods of a workload are in the mesh: by the node's ztunnel as their namespace says, or by a sidecar of their own. */
export interface DataPlane {
  readonly sidecar: boolean;
}

/** A name for the variant of a workload. */
export function variant(name: string, { sidecar }: DataPlane): string {
  return sidecar ? `${name}-sidecar` : name;
}

/** Labels of a workload's pods. A pod with a sidecar must not be captured by ztunnel as well. */
export function podLabels(app: string, { sidecar }: DataPlane): Record<string, string> {
  return { app, ...(sidecar && { "sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none" }) };
}

/** For Services: their pods are waited for as Deployments, and a second wait for the same takes ten seconds more. */
export const notAwaited = { "pulumi.com/skipAwait": "true" };

/**
 * What a container that does next to nothing asks for: enough for a scheduler to know that it is there, and so little that on a
 * node of two processors there is room for a second ztunnel while it restarts, which would have to evict the demo otherwise.
 */
export const resources: k8s.types.input.core.v1.ResourceRequirements = {
  requests: { cpu: "10m", memory: "64Mi" },
};
