import { type Authority, authoritiesOf } from "../mesh";
import { type Finding, noParameters, stackRule } from "../rule";
import { at, unknown, type Value } from "../view";

/** A cluster's authority signs workloads: one that may sign further authorities hands out the trust of the whole mesh. */
export const pathLength = stackRule({
  name: "path-length",
  description:
    "Below a cluster's intermediate stands no other authority: its path length is 0. What signs intermediates allows for those below it.",
  parameters: noParameters,
  judge: ({ resources }) =>
    authoritiesOf(resources).flatMap((authority): Finding[] => {
      const message = faultOf(authority, at(authority.resource.inputs, "maxPathLength"));
      return message === undefined ? [] : [{ urn: authority.resource.urn, message }];
    }),
});

function faultOf({ resource: { name }, kind, below }: Authority, length: Value | undefined): string | undefined {
  // @pulumi/tls has -1 for none.
  const limit = typeof length === "number" && length >= 0 ? length : undefined;
  if (kind === "intermediate" && below === 0) {
    return length === unknown || limit === 0
      ? undefined
      : `Intermediate ${name} has ${limit === undefined ? "no path length" : `path length ${String(limit)}`}: whoever holds its key can make further authorities. Set maxPathLength: 0.`;
  }
  const least = Math.max(below, 1);
  return limit !== undefined && limit < least
    ? `${kind === "root" ? "Root" : "Intermediate"} ${name} has path length ${String(limit)}, with which not every intermediate below it is accepted. Set maxPathLength: ${String(least)}.`
    : undefined;
}
