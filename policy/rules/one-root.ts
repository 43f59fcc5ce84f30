import { authorityFaults, type Fault, readAsGo } from "../../certificates";
import {
  authoritiesOf,
  certificatesIn,
  chainIn,
  fileOf,
  filesOf,
  isAuthority,
  isCacerts,
  signersOf,
  subject,
} from "../mesh";
import { type RuleViolation, noParameters, stackRule } from "../rule";
import { type Resource, type Stack, text } from "../state";

const remedy = "Have one root sign the intermediates of all clusters, or no call between them is accepted.";

/** Clusters that trust different roots refuse each other's calls, which shows only in those calls. */
export const oneRoot = stackRule({
  name: "one-root",
  description: "One root of trust signs the intermediates of all clusters, and is in the cacerts of each.",
  parameters: noParameters,
  evaluate: ({ resources }) => [
    ...disagreement(
      authoritiesOf(resources)
        .filter(({ kind, below }) => kind === "intermediate" && below === 0)
        .map(({ resource }) => resource),
      (one) => topOf(one, resources),
      (one, first) => `Intermediate ${one.name} is signed by a different authority than ${first.name}. ${remedy}`,
    ),
    ...disagreement(
      resources.filter(isCacerts),
      (one) => rootsIn(one, resources),
      (one, first) => `${where(one)} trusts a different root than ${where(first)}. ${remedy}`,
    ),
    ...resources.filter(isCacerts).flatMap((secret) => [...fileProblems(secret), ...chainProblems(secret)]),
  ],
});

/** istiod hands these files to every proxy, and the roots to every namespace. */
function fileProblems(secret: Resource): RuleViolation[] {
  const { certificate, chain, roots } = filesOf(secret);
  return [...new Set([certificate, ...chain, roots])].flatMap((file) => {
    const text = fileOf(secret, file);
    const read = text === undefined ? undefined : readAsGo(text);
    return read && "problem" in read
      ? [{ urn: secret.urn, message: `${file} in ${where(secret)} ${read.problem}. Put ${read.wanted} there.` }]
      : [];
  });
}

/** istiod does not start with what does not fit together. */
function chainProblems(secret: Resource): RuleViolation[] {
  const chain = chainIn(secret);
  if (chain === undefined) {
    return [];
  }
  const files = filesOf(secret);
  const faults = [chain.authority, ...chain.signers].flatMap((one, below) =>
    authorityFaults(one, { below })
      .filter(({ kind }) => !elsewhere.includes(kind))
      .map(({ problem, wanted }) => {
        const file = below === 0 ? files.certificate : (subjectOf(one) ?? files.roots);
        return `${file} in ${where(secret)} ${problem}. Have ${wanted} issued.`;
      }),
  );
  const incomplete = chain.complete
    ? []
    : [
        `${files.certificate} in ${where(secret)} does not lead to ${files.roots}. Put the root that signed it there, and any intermediates ` +
          `between them into ${files.chain[0] ?? files.certificate}.`,
      ];
  return [...faults, ...incomplete].map((message) => ({ urn: secret.urn, message }));
}

/** What the rules path-length, key-size and lifetimes look at. */
const elsewhere: readonly Fault["kind"][] = ["path length", "key", "expired", "not yet valid"];

/** How a certificate above is told apart from others. */
function subjectOf({ subject }: { readonly subject: string | undefined }): string | undefined {
  return subject === undefined ? undefined : `The authority ${subject.split("\n").join(", ")}`;
}

/** Roots, identified by their certificates where that is known, or by the resource that it will be. */
interface Roots {
  readonly certificates: string;
  readonly resources: string;
}

function differ(one: Roots, other: Roots): boolean {
  const by = one.certificates !== "" && other.certificates !== "" ? "certificates" : "resources";
  return one[by] !== "" && other[by] !== "" && one[by] !== other[by];
}

function where(resource: Resource): string {
  return `Secret ${subject(resource)} (${resource.name})`;
}

/** What differs from the first one. */
function disagreement(
  resources: readonly Resource[],
  rootsOf: (resource: Resource) => Roots,
  message: (resource: Resource, first: Resource) => string,
): RuleViolation[] {
  const [first, ...others] = resources.map((resource) => ({ resource, roots: rootsOf(resource) }));
  return others.flatMap(({ resource, roots }) =>
    first !== undefined && differ(roots, first.roots)
      ? [{ urn: resource.urn, message: message(resource, first.resource) }]
      : [],
  );
}

/** The authority at the top of those that sign one another. */
function topOf(resource: Resource, all: Stack["resources"], seen: readonly Resource[] = []): Roots {
  const signers = signersOf(
    resource,
    all.filter((one) => !seen.includes(one)),
  );
  const between = signers.find((one) => isAuthority(one, "intermediate"));
  const roots = signers.filter((one) => isAuthority(one, "root"));
  return between !== undefined && roots.length === 0
    ? topOf(between, all, [...seen, between])
    : { certificates: fingerprints(text(resource.inputs, "caCertPem")), resources: urns(roots) };
}

/** What a Secret has for roots, and the roots of the stack that it is made of. */
function rootsIn(resource: Resource, all: Stack["resources"]): Roots {
  const depends = new Set(["stringData", "data"].flatMap((key) => resource.inputDependencies[key] ?? []));
  return {
    certificates: fingerprints(fileOf(resource, filesOf(resource).roots)),
    resources: urns(all.filter((one) => depends.has(one.urn) && isAuthority(one, "root"))),
  };
}

function urns(resources: readonly Resource[]): string {
  return resources
    .map(({ urn }) => urn)
    .sort()
    .join(" ");
}

/** While one root takes over from another, both stand there, in any order. */
function fingerprints(pem = ""): string {
  return [...new Set(certificatesIn(pem).map(({ fingerprint256 }) => fingerprint256))].sort().join(" ");
}
