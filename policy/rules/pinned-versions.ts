import { type Chart, chartsOf, hubsOf, imagesOf } from "../mesh";
import { noParameters, resourceRule } from "../rule";
import { missing } from "../view";

/** One version and nothing that moves: `1.28.5`, `v1.28.5-solo`. A version without its last number is a range to Helm. */
const exact = /^v?\d+\.\d+\.\d+([-+][\w.+-]+)?$/;

/** Tags that are moved from one image to the next. */
const moving = /(^|[-.])(latest|main|master|edge|nightly|stable|canary|head|snapshot|dev)([-.]|$)/i;

/** What is not pinned is another mesh tomorrow, in one cluster and not in the next, and no plan shows it. */
export const pinnedVersions = resourceRule({
  name: "pinned-versions",
  description:
    "Charts have one exact version, and images a tag that stays (or a digest): none is latest, and none is left out.",
  parameters: noParameters,
  judge: (resource) => [
    ...chartsOf(resource).flatMap(chartFaults),
    ...imagesOf(resource).flatMap(({ path, repository, tag, digest }) => {
      if (digest !== undefined) {
        return [];
      }
      return tag === undefined
        ? [`Image ${repository} at ${path} has no tag, which means latest. Name its version, or its digest.`]
        : moving.test(tag)
          ? [`Image ${repository}:${tag} at ${path} is another one tomorrow. Name its version, or its digest.`]
          : [];
    }),
    ...chartsOf(resource).flatMap(({ by, version, chart }) =>
      by === "operator" && typeof version === "string" && moving.test(version)
        ? [`Version ${version} of ${chart} is another one tomorrow. Name one exact version.`]
        : [],
    ),
    ...hubsOf(resource).flatMap(({ path, tag }) =>
      tag !== undefined && moving.test(tag)
        ? [`Tag ${tag} in ${path} is another image tomorrow. Name the version.`]
        : [],
    ),
  ],
});

function chartFaults({ by, chart, local, version }: Chart): string[] {
  // A chart's own digest or tag pins it, too.
  if (by !== "helm" || local || /@sha256:|:v?\d+\.\d+\.\d+/.test(chart.replace(/^\w+:\/\//, ""))) {
    return [];
  }
  if (missing(version)) {
    return [`Chart ${chart} has no version: the newest one is installed. Name its version.`];
  }
  return typeof version === "string" && (!exact.test(version) || moving.test(version))
    ? [`Version ${version} of chart ${chart} is a range: what it means changes. Name one exact version.`]
    : [];
}
