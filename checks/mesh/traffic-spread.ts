import type { FindingCollector } from "../check";
import type { Mesh, objects } from "../inventory";
import type { AnsweringPod } from "./demo";

/** How probable a false alarm about the spread may be, over all clusters together. */
const level = 0.001;

/** How many tests of the spread there are at most, over all clusters: one cluster's false alarm is the mesh's. */
export function levelOfOne({ clusters }: Mesh): number {
  return level / Math.max(1, clusters.length ** 2);
}

/** By cluster: its share of the pods. */
export function sharesOf(pods: readonly AnsweringPod[]): Map<string, number> {
  const names = [...new Set(pods.map(({ cluster }) => cluster))];
  return new Map(names.map((name) => [name, pods.filter(({ cluster }) => cluster === name).length / pods.length]));
}

interface Spread {
  readonly counts: ReadonlyMap<string, number>;
  readonly spread: string;
  readonly shares: ReadonlyMap<string, number>;
  readonly client: objects.Pod;
  /** The mesh's name of the client's cluster. */
  readonly cluster: string;
}

/** An exact test for each cluster against its share of the pods, with one level of significance for all together. */
export function checkSpread(
  { counts, spread, shares, client, cluster }: Spread,
  mesh: Mesh,
  findings: FindingCollector,
): void {
  const known = [...counts].filter(([name]) => shares.has(name));
  const total = known.reduce((sum, [, count]) => sum + count, 0);
  for (const [name, count] of known) {
    const share = shares.get(name) ?? 0;
    const chance = binomialTest(count, total, share);
    if (chance >= levelOfOne(mesh)) {
      continue;
    }
    const expected = `${String(Math.round(share * total))} of ${String(total)} were expected`;
    const between = name === cluster ? findings : findings.between(name);
    if (count === 0) {
      between.failed(
        `no call from pod ${client.path} was answered by ${name}, and ${expected} (${spread})`,
        `Check whether ztunnel knows of the pods there (check global-services), whether they can be reached (pod-matrix), and whether the network has the same name everywhere (network-name).`,
      );
    } else {
      between.failed(
        `calls from pod ${client.path} are not spread evenly: ${String(count)} were answered by ${name}, and ${expected} (${spread}; the probability of this by chance is ${chance.toExponential(0)})`,
        "Check whether ztunnel knows of all pods (check global-services), and whether a locality or a DestinationRule prefers some.",
      );
    }
  }
}

/**
 * How probable it is that chance alone gives something at least as improbable as this many hits: the exact binomial test, with
 * both sides. Written out, for the libraries that have it bring dozens of packages along.
 *
 * @param share Probability of one hit, between 0 and 1.
 */
export function binomialTest(hits: number, calls: number, share: number): number {
  const seen = probability(hits, calls, share);
  // As R's binom.test does: outcomes that are equally likely differ in their last digits.
  const tolerance = 1 + 1e-7;
  let sum = 0;
  for (let other = 0; other <= calls; other += 1) {
    const one = probability(other, calls, share);
    sum += one <= seen * tolerance ? one : 0;
  }
  return Math.min(1, sum);
}

/** How many calls it takes until the absence of a share of them is significant at this level. */
export function callsToMiss(share: number, level: number): number {
  return share >= 1 ? 1 : Math.ceil(Math.log(level) / Math.log1p(-share));
}

/** Probability of exactly this many hits. */
function probability(hits: number, calls: number, share: number): number {
  if (share <= 0 || share >= 1) {
    return hits === (share <= 0 ? 0 : calls) ? 1 : 0;
  }
  let logarithm = hits * Math.log(share) + (calls - hits) * Math.log1p(-share);
  for (let factor = 1; factor <= hits; factor += 1) {
    logarithm += Math.log(calls - hits + factor) - Math.log(factor);
  }
  return Math.exp(logarithm);
}
