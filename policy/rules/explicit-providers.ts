import { noParameters, resourceRule } from "../rule";
import { at, missing, type Resource } from "../state";

const byDefault = /^default($|_\d)/;

/** A default provider takes the context that the engineer's kubectl happens to have: a cluster that nobody meant. */
export const explicitProviders = resourceRule(
  {
    name: "explicit-providers",
    description:
      "Every Kubernetes resource uses the provider of its cluster: none goes to whatever context is current.",
    parameters: noParameters,
    evaluate: (resource) => {
      const { type, name, provider } = resource;
      if (namesNoCluster(resource)) {
        return [
          `Provider ${name} names neither kubeconfig nor context: its cluster is whatever context is current. Set its kubeconfig.`,
        ];
      }
      return type.startsWith("kubernetes:") && provider !== undefined && byDefault.test(provider.name)
        ? [
            `${type.slice(type.lastIndexOf(":") + 1)} ${name} uses the default provider, whose cluster is whatever context is ` +
              "current. Give it its cluster's provider in its options, and list kubernetes in pulumi:disable-default-providers.",
          ]
        : [];
    },
  },
  { declared: true },
);

/** Resources with a default provider are reported themselves; a provider that only renders files has no cluster. */
function namesNoCluster({ type, name, inputs }: Resource): boolean {
  return (
    type === "pulumi:providers:kubernetes" &&
    !byDefault.test(name) &&
    ["kubeconfig", "context", "cluster", "renderYamlToDirectory"].every((key) => missing(at(inputs, key)))
  );
}
