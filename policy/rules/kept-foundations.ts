import { z } from "zod";
import { chartsOf, isAuthority, isRendered, tls } from "../mesh";
import { type RuleViolation, stackRule } from "../rule";
import { at, kindOf, type Resource, text, unknown } from "../state";

/** Something that everything else depends on. */
interface Foundation {
  readonly resource: Resource;
  /** What happens without it. */
  readonly loss: string;
}

/**
 * What goes with Istio's definitions is every object of theirs, and with a root all trust in it. A plan shows it as one line of
 * many; here it has to be allowed explicitly.
 */
export const keptFoundations = stackRule({
  name: "kept-foundations",
  description:
    "Istio's and the Gateway API's definitions (the base chart) and a root of trust are neither deleted nor replaced, unless it is allowed. Compares a plan with the stack's state.",
  parameters: z.object({
    allow: z
      .array(z.string())
      .default([])
      .describe(
        "Names of resources that may be deleted or replaced, as the message about them says; remove them again afterwards",
      ),
  }),
  evaluate: ({ resources, before, beforeUnread }, { allow }) => {
    if (before === undefined) {
      return beforeUnread === undefined
        ? []
        : [
            {
              level: "advisory",
              message: `It is unknown whether definitions or a root would be deleted or replaced: ${beforeUnread}`,
            },
          ];
    }
    // Under the name that it has now, and under those that it had.
    const next = new Map(resources.flatMap((one) => [one.urn, ...one.aliases].map((urn) => [urn, one])));
    return foundations(before)
      .filter(({ resource }) => !allow.includes(resource.name) && !allow.includes(resource.urn))
      .flatMap(({ resource, loss }) => problemOf(resource, next, before, loss));
  },
});

function foundations(resources: readonly Resource[]): Foundation[] {
  const roots = resources.filter((one) => isAuthority(one, "root") && signsMesh(one, resources));
  const keys = new Set(roots.flatMap(({ inputDependencies }) => inputDependencies["privateKeyPem"] ?? []));
  return resources.flatMap((resource): Foundation[] => {
    if (roots.includes(resource) || (resource.type === tls.key && keys.has(resource.urn))) {
      return [
        {
          resource,
          loss: "every certificate that the root has signed loses its trust, and clusters refuse each other",
        },
      ];
    }
    return isDefinitions(resource)
      ? [{ resource, loss: "the API server deletes every object of its kinds in the cluster along with it" }]
      : [];
  });
}

/** A root that signs intermediates, or that stands in a Secret `cacerts`; others are of no concern to a mesh. */
function signsMesh(root: Resource, resources: readonly Resource[]): boolean {
  return resources.some(
    (one) =>
      (isAuthority(one, "intermediate") && one.inputDependencies["caCertPem"]?.includes(root.urn) === true) ||
      (text(one.inputs, "metadata", "name") === "cacerts" && one.dependencies.includes(root.urn)),
  );
}

function isDefinitions(resource: Resource): boolean {
  const name = text(resource.inputs, "metadata", "name") ?? "";
  return (
    (!isRendered(resource) && chartsOf(resource).some(({ part }) => part === "base")) ||
    (kindOf(resource)?.kind === "CustomResourceDefinition" && /\.(istio\.io|gateway\.networking\.k8s\.io)$/.test(name))
  );
}

function problemOf(
  old: Resource,
  next: ReadonlyMap<string, Resource>,
  before: readonly Resource[],
  loss: string,
): RuleViolation[] {
  const same = next.get(old.urn);
  const remedy =
    `Keep it as it is (a new name in the program needs an alias). If it is intended, add ${JSON.stringify(old.name)} to the ` +
    "policy's parameter allow, for this one change.";
  if (same === undefined) {
    // What is not deleted itself, or goes with its cluster, leaves nobody behind.
    return old.retainOnDelete === true || goesWithCluster(old, next, before)
      ? []
      : [{ message: `${old.name} (${shortType(old)}) would be deleted: ${loss}. ${remedy}` }];
  }
  const change = replacement(old, same);
  return change === undefined
    ? []
    : [
        {
          urn: same.urn,
          message: `${old.name} (${shortType(old)}) would be replaced, since ${change}: ${loss}. ${remedy}`,
        },
      ];
}

function shortType({ type }: Resource): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** Whether a cluster is deleted as a whole. */
function goesWithCluster(old: Resource, next: ReadonlyMap<string, Resource>, before: readonly Resource[]): boolean {
  const { deletedWith } = old;
  return deletedWith !== undefined && !next.has(deletedWith) && before.some(({ urn }) => urn === deletedWith);
}

/** Inputs whose change replaces a resource, and outputs that only change with its replacement. */
const fixed: readonly (readonly [type: RegExp, part: "inputs" | "outputs", path: readonly string[]])[] = [
  [/:Release$/, "inputs", ["name"]],
  [/:Release$/, "inputs", ["namespace"]],
  [/:CustomResourceDefinition$/, "inputs", ["metadata", "name"]],
  [/:PrivateKey$/, "outputs", ["publicKeyPem"]],
  [/:SelfSignedCert$/, "outputs", ["certPem"]],
];

function replacement(old: Resource, next: Resource): string | undefined {
  const changed = fixed.find(([type, part, path]) => {
    const [from, to] = [at(old[part], ...path), at(next[part], ...path)];
    // What was never there says nothing; what is not known yet, of what is there, will be another one.
    return (
      type.test(old.type) &&
      typeof from === "string" &&
      (to === unknown || to === undefined || (typeof to === "string" && to !== from))
    );
  });
  if (changed) {
    return `its ${changed[2].join(".")} changes`;
  }
  if (old.provider === undefined || next.provider === undefined) {
    return undefined;
  }
  if (old.provider.urn !== next.provider.urn) {
    return `its provider is ${next.provider.name} instead of ${old.provider.name}`;
  }
  const [from, to] = [old.provider, next.provider].map(({ inputs }) => text(inputs, "clusterIdentifier"));
  return from !== undefined && to !== undefined && from !== to
    ? `the clusterIdentifier of its provider ${next.provider.name} changes`
    : undefined;
}
