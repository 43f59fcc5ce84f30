import { authorityFaults } from "../../certificates";
import {
  type Authority,
  authoritiesBelow,
  authoritiesOf,
  chainIn,
  filesOf,
  isAuthority,
  isCacerts,
  subject,
} from "../mesh";
import { type RuleViolation, noParameters, stackRule } from "../rule";
import { at, type Resource, unknown, type Value } from "../state";

/** A cluster's authority signs workloads: one that may sign further authorities hands out the trust of the whole mesh. */
export const pathLength = stackRule({
  name: "path-length",
  description:
    "A cluster's intermediate signs no further authorities: its path length is 0. What signs intermediates allows for those below it.",
  parameters: noParameters,
  evaluate: ({ resources }) => [
    ...authoritiesOf(resources).flatMap((authority): RuleViolation[] => {
      const message = problemOf(authority, at(authority.resource.inputs, "maxPathLength"));
      return message === undefined ? [] : [{ urn: authority.resource.urn, message }];
    }),
    ...resources.filter((one) => isCacerts(one) && !isOfStack(one, resources)).flatMap(givenProblems),
  ],
});

/** What the stack itself creates is evaluated at the resources that create it. */
function isOfStack(secret: Resource, resources: readonly Resource[]): boolean {
  const depends = ["stringData", "data"].flatMap((key) => secret.inputDependencies[key] ?? []);
  return resources.some((one) => isAuthority(one, "intermediate") && depends.includes(one.urn));
}

/** A root that signs workloads itself is nobody's intermediate. */
function givenProblems(secret: Resource): RuleViolation[] {
  const chain = chainIn(secret);
  if (chain === undefined || !chain.complete || chain.signers.length === 0) {
    return [];
  }
  const below = authoritiesBelow(chain);
  const place = `Secret ${subject(secret)}`;
  const { certificate } = filesOf(secret);
  const closed = chain.signers.flatMap((one, index) =>
    authorityFaults(one, { below: index + 1 }).flatMap(({ kind, problem, wanted }) =>
      kind === "path length"
        ? [
            `${one.subject.split("\n").join(", ")}, above ${certificate} in ${place}, ${problem}. Have ${wanted} issued.`,
          ]
        : [],
    ),
  );
  const open =
    below === 0
      ? []
      : [
          `${certificate} in ${place} has ${below === undefined ? "no path length" : `path length ${String(below)}`}: whoever holds its key can make further authorities. Have it signed with pathlen:0.`,
        ];
  return [...closed, ...open].map((message) => ({ urn: secret.urn, message }));
}

function problemOf({ resource: { name }, kind, below }: Authority, length: Value | undefined): string | undefined {
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
