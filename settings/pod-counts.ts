import { z } from "zod";
import { checkedString, wholeNumber } from "./formats";
import type { Report } from "./issues";

export const replicaCount = wholeNumber(1, 1000);

/** A number of pods, or a share of them. */
const someReplicas = z.union(
  [
    replicaCount,
    checkedString((value) =>
      /^([1-9]?\d|100)%$/.test(value)
        ? undefined
        : {
            problem: "is neither a number nor a percentage",
            remedy: 'write a number of pods, or a percentage such as "50%"',
          },
    ),
  ],
  { error: 'write a number of pods, or a percentage such as "50%"' },
);

/** What of a HorizontalPodAutoscaler can be chosen. */
export const autoscaling = z.strictObject({
  minReplicas: replicaCount.optional().meta({ description: "Least number of its pods", fallback: "1" }),
  maxReplicas: replicaCount.describe("Greatest number of its pods"),
  targetCPUUtilizationPercentage: wholeNumber(1, 1000)
    .optional()
    .meta({ description: "Use of the processors that its pods request, in percent", fallback: "80" }),
});

/** What of a PodDisruptionBudget can be chosen. */
export const podDisruptionBudget = z.strictObject({
  minAvailable: someReplicas.optional().describe("How many of its pods have to stay, as a number or a percentage"),
  maxUnavailable: someReplicas
    .optional()
    .describe("How many of its pods may be away, as a number or a percentage, in place of `minAvailable`"),
});

/** What settings say of the number of pods. */
interface PodCounts {
  readonly replicas?: number | undefined;
  readonly autoscaling?: z.output<typeof autoscaling> | undefined;
  readonly podDisruptionBudget?: z.output<typeof podDisruptionBudget> | undefined;
}

/** Of what takes the place of one another, there is one. */
export function checkPodCounts(path: readonly PropertyKey[], counts: PodCounts, report: Report): void {
  const { replicas, autoscaling, podDisruptionBudget: budget } = counts;
  if (replicas !== undefined && autoscaling !== undefined) {
    report({
      path: [...path, "replicas"],
      value: replicas,
      problem: "is given beside autoscaling, which chooses the number of pods",
      remedy: "keep one of the two; autoscaling.minReplicas is the least number",
    });
  }
  if (budget?.minAvailable !== undefined && budget.maxUnavailable !== undefined) {
    report({
      path: [...path, "podDisruptionBudget"],
      problem: "has both minAvailable and maxUnavailable, of which Kubernetes takes one",
      remedy: "keep one of the two",
    });
  } else if (budget && budget.minAvailable === undefined && budget.maxUnavailable === undefined) {
    report({
      path: [...path, "podDisruptionBudget"],
      problem: "has neither minAvailable nor maxUnavailable",
      remedy: "write one of the two, such as minAvailable: 1",
    });
  }
  if (autoscaling?.minReplicas !== undefined && autoscaling.minReplicas > autoscaling.maxReplicas) {
    report({
      path: [...path, "autoscaling", "minReplicas"],
      value: autoscaling.minReplicas,
      problem: `is more than maxReplicas, ${String(autoscaling.maxReplicas)}`,
      remedy: "write a number up to maxReplicas, or a higher maxReplicas",
    });
  }
}
