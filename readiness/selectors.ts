/** Kubernetes' selectors of labels, as webhooks and network policies have them. */
import { z } from "zod";

export type Labels = Readonly<Record<string, string>>;

const Expression = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() });

export const Selector = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z.array(Expression).nullish(),
});
export type Selector = z.output<typeof Selector>;

/** Whether a selector selects something with these labels. A selector that is empty or absent selects everything. */
export function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (matchExpressions ?? []).every(({ key, operator, values }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && (values ?? []).includes(value);
        case "NotIn":
          return value === undefined || !(values ?? []).includes(value);
        case "Exists":
          return value !== undefined;
        default:
          return value === undefined;
      }
    })
  );
}

/** Whether a selector selects everything. */
export function selectsAll({ matchLabels, matchExpressions }: Selector): boolean {
  return Object.keys(matchLabels ?? {}).length === 0 && (matchExpressions ?? []).length === 0;
}
