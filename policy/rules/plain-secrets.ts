import { noParameters, resourceRule } from "../rule";
import { type Sensitive, sensitiveIn } from "../sensitive";
import { pathText, type Properties, type Resource, type Value } from "../state";

/** Whoever can read a state or a plan can read what is not a secret in it. */
export const plainSecrets = resourceRule(
  {
    name: "plain-secrets",
    description:
      "No private key, no licence key and no credential of a kubeconfig is a plain value, in a resource or in the stack's configuration: each is a secret of the stack. Needs the policy secret-values at its own level.",
    parameters: noParameters,
    evaluate: (resource) => [...ofInputs(resource), ...ofConfiguration(resource.configuration ?? {})],
  },
  // What a resource carries is a part of its own inputs.
  { declared: true },
);

function ofInputs({ inputs, secrets }: Resource): string[] {
  const found = sensitiveIn(inputs);
  if (secrets === undefined) {
    return found.map(
      ({ path, what }) =>
        `It can't be seen whether the ${what} at ${pathText(path)} is a secret. Set the policy secret-values to level ` +
        "remediate, as it is by itself: it changes nothing.",
    );
  }
  return found
    .filter(({ path }) => !path.some((_, index) => secrets.includes(pathText(path.slice(0, index + 1)))))
    .filter(() => !secrets.includes(""))
    .map(
      ({ path, what }) =>
        `The ${what} at ${pathText(path)} is a plain value: it is readable in the state and in every plan. Make it a secret ` +
        "(pulumi config set --secret, pulumi.secret), or name a Secret that holds it.",
    );
}

function ofConfiguration(configuration: Properties): string[] {
  return Object.entries(configuration).flatMap(([key, value]) =>
    configured(key, value).map(({ path: [, ...below], what }) => {
      const [full, flags] = below.length === 0 ? [key, ""] : [`${key}.${pathText(below)}`, "--path "];
      return (
        `The ${what} of ${full} is unencrypted in the stack's file: whoever reads the file has it. Set it with ` +
        `pulumi config set --secret ${flags}'${full}', and replace it if anybody may have read it.`
      );
    }),
  );
}

/** What Pulumi's CLI has in the place of a value that an environment of Pulumi ESC gives, unless it opens that. */
const unopened = "[unknown]";

function configured(key: string, value: Value): Sensitive[] {
  // Of this program's own licence it is known what it is, however short.
  return key === "flatmesh:license" && typeof value === "string" && !["", unopened].includes(value)
    ? [{ path: [key], what: "licence key" }]
    : sensitiveIn({ [key.replace(/^.*:/, "")]: value });
}
