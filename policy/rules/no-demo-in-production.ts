import { z } from "zod";
import { imagesOf, isNamespace } from "../mesh";
import { resourceRule } from "../rule";
import { type Resource, stackOf, text } from "../state";

/** Images of samples: Istio's own, and what its documentation has beside them. */
const samples = /(^|\/)(examples-[\w-]+|httpbin|go-httpbin|helloworld(-v\d)?)$/;

/** Demos accept calls from anyone, and nobody patches them. */
export const noDemoInProduction = resourceRule({
  name: "no-demo-in-production",
  description: "A production stack has no demo and no sample in it.",
  parameters: z.object({
    production: z
      .array(z.string())
      .default(["(^|[-_.])(prod|production|prd|live)\\d*([-_.]|$)"])
      .describe("What the names of production stacks look like: regular expressions"),
    namespaces: z.array(z.string()).default(["bookinfo", "demo", "sample", "samples"]).describe("Namespaces of demos"),
  }),
  evaluate: (resource, { production, namespaces }) => {
    const stack = stackOf(resource.urn);
    const what = production.some((pattern) => new RegExp(pattern, "i").test(stack))
      ? demoOf(resource, namespaces)
      : undefined;
    return what === undefined
      ? []
      : [
          `${what} belongs to a demo, but ${stack} is a production stack. Leave the demo out (flatmesh:demo: false, in a stack of flatmesh).`,
        ];
  },
});

/** What of a demo a resource is; one thing, since everything of a demo has its own violation. */
function demoOf(resource: Resource, namespaces: readonly string[]): string | undefined {
  const { type, name, inputs } = resource;
  if (/(^|:)demo:/.test(type)) {
    return `Component ${name}`;
  }
  const namespace = isNamespace(resource)
    ? text(inputs, "metadata", "name")
    : (text(inputs, "metadata", "namespace") ?? text(inputs, "namespace"));
  if (type.startsWith("kubernetes:") && namespace !== undefined && namespaces.includes(namespace)) {
    return `${type.slice(type.lastIndexOf(":") + 1)} ${name} in namespace ${namespace}`;
  }
  const image = imagesOf(resource).find(({ repository }) => samples.test(repository));
  return image && `Image ${image.repository}`;
}
