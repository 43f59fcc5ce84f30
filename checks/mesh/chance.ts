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

/** How many calls it takes until a share of them that never comes is a rejection at this level, and no accident. */
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
