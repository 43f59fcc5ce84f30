import type { SemVer } from "semver";
import { type RuleViolation, groupBy, noParameters, stackRule } from "../rule";
import { clusterNames, clusterText, type Component, componentsOf, minorsAhead, numbersOf, readVersion } from "../mesh";
import type { Stack } from "../state";

/**
 * What Istio supports ("Supported releases", "Control plane/data plane skew"): a data plane that is as new as its control
 * plane, or one minor version older, and never newer. ztunnel and istiod are upgraded as one here.
 */
export const versionSkew = stackRule({
  name: "version-skew",
  description:
    "In each cluster istiod and ztunnel have the same version, chart and image of each agree, and base, CNI and gateways are no further from istiod than Istio supports.",
  parameters: noParameters,
  evaluate: ({ resources }) => {
    const components = componentsOf(resources);
    return [
      ...components.flatMap(ownSkew),
      ...[...groupBy(components, ({ cluster }) => cluster).values()].flatMap((cluster) =>
        clusterSkew(cluster, resources),
      ),
    ];
  },
});

/** A chart of one version with images of another has settings that they don't know. */
function ownSkew({ resource, part, versions }: Component): RuleViolation[] {
  const [first, ...others] = versions.flatMap(({ path, version }) => {
    const read = readVersion(version);
    return read === undefined ? [] : [{ path, version: read }];
  });
  return others.flatMap(({ path, version }): RuleViolation[] =>
    first === undefined || numbersOf(version) === numbersOf(first.version)
      ? []
      : [
          {
            urn: resource.urn,
            message: `${part} has ${first.path} ${first.version.raw}, but ${path} ${version.raw}. Give both the same version.`,
          },
        ],
  );
}

function clusterSkew(components: readonly Component[], resources: Stack["resources"]): RuleViolation[] {
  const names = clusterNames(resources);
  const istiods = components.flatMap((one) => (one.part === "istiod" ? (versionOf(one) ?? []) : []));
  return istiods.length === 0
    ? []
    : components.flatMap((component): RuleViolation[] => {
        const version = versionOf(component);
        const problem = version && problemOf(component.part, version, istiods);
        return problem === undefined
          ? []
          : [
              {
                urn: component.resource.urn,
                message: `${problem}, in ${clusterText(component.resource, names)}. Give both the same version.`,
              },
            ];
      });
}

function versionOf({ versions }: Component): SemVer | undefined {
  const last = versions.at(-1);
  return last && readVersion(last.version);
}

/** Of several istiods, while one replaces the other, any may be the one that it fits. */
function problemOf(part: Component["part"], version: SemVer, istiods: readonly SemVer[]): string | undefined {
  const fits = (test: (istiod: SemVer) => boolean): boolean => istiods.some(test);
  const istiod = istiods.map(({ raw }) => raw).join(" and ");
  switch (part) {
    case "ztunnel":
      return fits((one) => numbersOf(one) === numbersOf(version) && flavour(one) === flavour(version))
        ? undefined
        : `ztunnel is ${version.raw}, and istiod ${istiod}`;
    case "gateway":
      return fits((one) => [0, 1].includes(minorsAhead(one, version)))
        ? undefined
        : `A gateway's proxy is ${version.raw}, which istiod ${istiod} does not support: it may be one minor version older, never newer`;
    case "base":
    case "cni":
      return fits((one) => Math.abs(minorsAhead(one, version)) <= 1)
        ? undefined
        : `${part} is ${version.raw}, more than one minor version from istiod ${istiod}`;
    case "istiod":
    case "peering":
      return undefined;
  }
}

/** Solo's and upstream's are different programs. */
function flavour({ raw }: SemVer): string {
  return /-solo\b/.test(raw) ? "solo" : "";
}
