import { type RuleViolation, groupBy, noParameters, stackRule } from "../rule";
import { chartsOf, clusterNames, clusterOf, clusterText, type Component, componentsOf } from "../mesh";
import { type Resource, text } from "../state";

/** What has to be of one version in all clusters. */
interface Part {
  readonly resource: Resource;
  readonly what: string;
  readonly version: string;
}

/** Clusters of different versions are one mesh only by luck: a new one speaks of what an old one does not know. */
export const sameVersions = stackRule({
  name: "same-versions",
  description: "Each part of the mesh, and each chart that several clusters have, has the same version in all of them.",
  parameters: noParameters,
  evaluate: ({ resources }) => {
    const names = clusterNames(resources);
    const parts = [...meshParts(componentsOf(resources)), ...resources.flatMap(releases)];
    return [...groupBy(parts, ({ what }) => what).values()].flatMap((same) => disagreement(same, names));
  },
});

/** The versions of a part in one cluster: several while one revision replaces another. */
function meshParts(components: readonly Component[]): Part[] {
  const versioned = components.filter(({ part, versions }) => part !== "gateway" && versions.length > 0);
  return [...groupBy(versioned, ({ part, cluster }) => `${part} ${cluster}`).values()].flatMap((same) => {
    const [first] = same;
    // The image is what runs, and comes last.
    const versions = same.flatMap(({ versions: all }) => all.at(-1)?.version ?? []);
    return first === undefined
      ? []
      : [{ resource: first.resource, what: first.part, version: [...new Set(versions)].sort().join(" and ") }];
  });
}

/** Other charts, by the name of their release. */
function releases(resource: Resource): Part[] {
  return chartsOf(resource).flatMap(({ by, part, chart, version }) => {
    const name = text(resource.inputs, "name");
    return by === "helm" && part === undefined && name !== undefined && typeof version === "string"
      ? [{ resource, what: `release ${name} of chart ${chart.replace(/^.*\//, "")}`, version }]
      : [];
  });
}

function disagreement(parts: readonly Part[], names: ReadonlyMap<string, ReadonlySet<string>>): RuleViolation[] {
  const [first, ...others] = parts;
  return others.flatMap(({ resource, what, version }): RuleViolation[] =>
    first === undefined || version === first.version || clusterOf(resource) === clusterOf(first.resource)
      ? []
      : [
          {
            urn: resource.urn,
            message:
              `${what} is ${version} in ${clusterText(resource, names)}, and ${first.version} in ` +
              `${clusterText(first.resource, names)}. Give both the same version, ideally from one value in the program.`,
          },
        ],
  );
}
