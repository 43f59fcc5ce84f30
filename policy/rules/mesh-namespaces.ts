import { type RuleViolation, groupBy, stackRule } from "../rule";
import { clusterOf, componentsOf, gatewayClass, isEastWest, isNamespace, label, namespaceOf } from "../mesh";
import { z } from "zod";
import { type Resource, text } from "../state";

/** Labels that enrol a namespace's pods in the mesh, and their values that do not. */
const enrolments: readonly (readonly [key: string, harmless: readonly string[]])[] = [
  ["istio.io/dataplane-mode", ["none"]],
  ["istio-injection", ["disabled"]],
  ["istio.io/rev", []],
];

/** The mesh's own pods would wait for the mesh to let them in. */
export const meshNamespaces = stackRule({
  name: "mesh-namespaces",
  description: "Namespaces of the mesh and of Kubernetes itself are not enrolled in the mesh.",
  parameters: z.object({
    namespaces: z.array(z.string()).default([]).describe("Further namespaces that stay out of the mesh"),
  }),
  evaluate: ({ resources }, { namespaces }) => {
    const kept = new Set([
      "istio-system",
      "istio-eastwest",
      "kube-system",
      "kube-public",
      "kube-node-lease",
      ...namespaces,
    ]);
    const byCluster = groupBy(resources, clusterOf);
    return [...byCluster.values()].flatMap((cluster) => {
      const own = new Set([...kept, ...meshOwn(cluster)]);
      return cluster.filter(isNamespace).flatMap((resource): RuleViolation[] => {
        const name = text(resource.inputs, "metadata", "name");
        return name !== undefined && own.has(name) ? enrolled(resource, name) : [];
      });
    });
  },
});

/** Where the mesh itself runs. A gateway of the former kind is injected, so its namespace may be enrolled. */
function meshOwn(resources: readonly Resource[]): string[] {
  const parts = componentsOf(resources).filter(({ part }) => ["istiod", "cni", "ztunnel"].includes(part));
  const peering = resources.filter((one) => isEastWest(one) || gatewayClass(one) === "istio-remote");
  return [...parts.map(({ resource }) => resource), ...peering].flatMap((one) => text(namespaceOf(one)) ?? []);
}

function enrolled(resource: Resource, name: string): RuleViolation[] {
  return enrolments.flatMap(([key, harmless]) => {
    const value = text(label(resource, key));
    return value === undefined || harmless.includes(value)
      ? []
      : [
          {
            urn: resource.urn,
            message: `Namespace ${name} is enrolled in the mesh by its label ${key}: ${value}, and the mesh itself runs there. Remove the label.`,
          },
        ];
  });
}
