import { noParameters, resourceRule } from "../rule";

/** A default provider takes the context that the engineer's kubectl happens to have: a cluster that nobody meant. */
export const explicitProviders = resourceRule({
  name: "explicit-providers",
  description: "Every Kubernetes resource has its cluster's own provider: none lands in somebody's current context.",
  parameters: noParameters,
  judge: ({ type, name, provider }) =>
    type.startsWith("kubernetes:") && provider !== undefined && /^default($|_\d)/.test(provider.name)
      ? [
          `${type.slice(type.lastIndexOf(":") + 1)} ${name} uses the default provider, whose cluster is whatever context is ` +
            "current. Give it its cluster's provider in its options, and list kubernetes in pulumi:disable-default-providers.",
        ]
      : [],
});
