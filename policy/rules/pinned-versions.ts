import { type Chart, chartsOf, hubsOf, imagesOf, isPatch, machineImagesOf, subject } from "../mesh";
import { noParameters, resourceRule } from "../rule";
import { at, kindOf, missing } from "../state";

/** One version and nothing that moves: `1.28.5`, `v1.28.5-solo`. A version without its last number is a range to Helm. */
const exact = /^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/;

/** Tags that are moved from one image to the next. */
const moving = /(^|[-.])(latest|main|master|edge|nightly|stable|canary|head|snapshot|dev)([-.]|$)/i;

/** Istio moves tags without a last number, too: `1.28`, `1.28-distroless`. */
function moves(tag: string): boolean {
  return moving.test(tag) || /^v?\d+(\.\d+)?(-[a-z]+)*$/.test(tag);
}

/** What is not pinned is another mesh tomorrow, in one cluster and not in the next, and no plan shows it. */
export const pinnedVersions = resourceRule({
  name: "pinned-versions",
  description:
    "Charts have one exact version, and images a fixed tag (or a digest): none is latest, and none is left out.",
  parameters: noParameters,
  evaluate: (resource) => [
    ...chartsOf(resource).flatMap(chartProblems),
    ...[...imagesOf(resource), ...machineImagesOf(resource)].flatMap(({ path, repository, tag, digest, mesh }) => {
      if (digest !== undefined) {
        return [];
      }
      return tag === undefined
        ? [`Image ${repository} at ${path} has no tag, which means latest. Name its version, or its digest.`]
        : moving.test(tag) || (mesh && moves(tag))
          ? [`Image ${repository}:${tag} at ${path} has a tag that moves. Name its version, or its digest.`]
          : [];
    }),
    ...chartsOf(resource).flatMap(operatorProblems),
    ...hubsOf(resource).flatMap(({ path, tag }) =>
      tag !== undefined && moves(tag) ? [`Tag ${tag} in ${path} moves from image to image. Name the version.`] : [],
    ),
  ],
});

function chartProblems({ resource, by, chart, local, version }: Chart): string[] {
  // A chart's own digest or tag pins it, too.
  if (
    by !== "helm" ||
    local ||
    /@sha256:|:v?\d+\.\d+\.\d+|-v?\d+\.\d+\.\d+[^/]*\.tgz$/.test(chart.replace(/^\w+:\/\//, ""))
  ) {
    return [];
  }
  // The provider has put the version that it found in place of none, before policies see it.
  if (at(resource.inputs, "devel") === true) {
    return [`Chart ${chart} is installed in its newest development version. Leave out devel, and name a version.`];
  }
  if (missing(version)) {
    return [`Chart ${chart} has no version: the newest one is installed. Name its version.`];
  }
  return typeof version === "string" && (!exact.test(version) || moving.test(version))
    ? [`Version ${version} of chart ${chart} is a range: what it means changes. Name one exact version.`]
    : [];
}

/** Without a version, the Sail operator installs its own default; Istio's former operator has no version but its tag. */
function operatorProblems({ resource, by, version, chart }: Chart): string[] {
  if (by !== "operator") {
    return [];
  }
  if (missing(version)) {
    return kindOf(resource)?.group === "sailoperator.io" && !isPatch(resource)
      ? [`${chart} ${subject(resource)} has no version: the operator's own is installed. Set spec.version.`]
      : [];
  }
  return typeof version === "string" && moves(version)
    ? [`Version ${version} of ${chart} moves. Name one exact version.`]
    : [];
}
