import type { X509Certificate } from "node:crypto";
import { authorityFaults, chainOf, keyOf, rootOf } from "../../certificates";
import type { Check, Finding, FindingCollector } from "../check";
import { type Cluster, type Expected, forEachCluster, linksOf, type Mesh } from "../inventory";
import {
  type Cacerts,
  cacertsOf,
  daysLeft,
  makeSecret,
  rootName,
  rootNames,
  secretPath,
  takeBack,
  until,
} from "./cacerts";
import { inMeshOrder } from "./across-clusters";
import { checkPublishedRoots } from "./published-roots";

/** Below this many days a root should be replaced: all workloads have to follow, in three stages. */
const soon = 90;

type Names = ReadonlyMap<string, string>;

/**
 * One root of trust. During a rotation there are two, as long as every two clusters that are linked accept each
 * other's certificates.
 */
export const root: Check = {
  id: "root",
  title: "Every cluster's certificates chain to a root that all linked clusters trust",
  async run(mesh) {
    const names = rootNames(mesh.expected);
    const found = new Map<Cluster, Cacerts>();
    const findings = await forEachCluster(mesh, async (cluster, own) => {
      const cacerts = await cacertsOf(cluster);
      if (cacerts === undefined) {
        own.failed(
          `${secretPath} does not exist: istiod signs with a root that it generated itself and that no other cluster knows`,
          makeSecret(cluster),
        );
        return;
      }
      found.set(cluster, cacerts);
      checkRoots(cluster, cacerts, mesh.expected, names, own);
      await checkPublishedRoots(cluster, cacerts, names, own);
    });
    return [...findings, ...betweenLinked(mesh, found, names)];
  },
};

function checkRoots(cluster: Cluster, cacerts: Cacerts, expected: Expected, names: Names, own: FindingCollector): void {
  const { roots, intermediate, between, unreadable } = cacerts;
  const file = cacerts.names.roots;
  const before = own.list.length;
  for (const one of unreadable) {
    own.failed(`${secretPath}: its ${one} has a certificate that can't be read`, makeSecret(cluster));
  }
  if (roots.length === 0 && !unreadable.includes(file)) {
    own.failed(`${secretPath} has no root (${file})`, makeSecret(cluster));
  }
  const chain = intermediate && chainOf(intermediate, between, roots);
  const top = chain?.at(-1) ?? (chain && intermediate);
  const above = top && roots.find(({ fingerprint256 }) => fingerprint256 === top.fingerprint256);
  if (intermediate && roots.length > 0 && above === undefined) {
    own.failed(
      `${secretPath}: the certificate that istiod signs with (${cacerts.names.certificate}) chains to none of the roots in its ${file} (${list(roots, names)})`,
      `istiod rejects it and keeps using what it had before. ${takeBack(cluster)}`,
    );
  }
  for (const one of roots) {
    // What another root signs stands in other clusters.
    const below = one === above ? (chain?.length ?? 0) : 0;
    checkRoot(one, below, `root ${rootName(one, names)} in ${secretPath}`, own);
  }
  checkExpected(cluster, roots, above, expected, names, own);
  if (own.list.slice(before).every(({ status }) => status === "warning")) {
    const texts = roots.map((one) => `${rootName(one, names)} (until ${until(one)}, ${String(daysLeft(one))} days)`);
    const signs = roots.length > 1 && above ? `, of which ${rootName(above, names)} signs` : "";
    own.passed(`${secretPath} has root ${texts.join(" and ")}${signs}`);
  }
}

function checkRoot(one: X509Certificate, below: number, what: string, own: FindingCollector): void {
  const replace =
    "Replace it in three updates (root.trusted and root.signing): docs/root-rotation.md#the-three-stages.";
  const faults = authorityFaults(one, { below, now: new Date() });
  for (const { kind, problem, wanted } of faults) {
    own.failed(
      `${what} ${problem}`,
      kind === "expired" || kind === "not yet valid"
        ? `Nothing that it has signed is accepted. ${replace} Check the clock of this machine, too.`
        : `${replace} The new one has to be ${wanted}.`,
    );
  }
  if (faults.every(({ kind }) => kind !== "expired") && daysLeft(one) < soon) {
    own.warning(`${what} expires on ${until(one)}, in ${String(daysLeft(one))} days`, replace);
  }
}

/** Compares with the roots of the stack, where its outputs have any. */
function checkExpected(
  cluster: Cluster,
  roots: readonly X509Certificate[],
  above: X509Certificate | undefined,
  { roots: expectedRoots }: Expected,
  names: Names,
  own: FindingCollector,
): void {
  if (expectedRoots === undefined || roots.length === 0) {
    return;
  }
  const again = takeBack(cluster);
  const has = new Set(roots.map(keyOf));
  for (const name of Object.keys(expectedRoots.trusted)) {
    const keys = [...names].flatMap(([key, one]) => (one === name ? [key] : []));
    if (!keys.some((key) => has.has(key))) {
      own.failed(`${secretPath} does not have the stack's root ${name}`, again);
    }
  }
  for (const one of roots.filter((other) => !names.has(keyOf(other)))) {
    own.failed(
      `${secretPath} has root ${rootName(one, names)}, which is not one of the stack's: whoever has its key is trusted`,
      `If it should be trusted, add it to root.alsoTrusted first. ${again}`,
    );
  }
  const signer = above && names.get(keyOf(above));
  if (signer !== undefined && signer !== expectedRoots.signing) {
    own.failed(
      `${secretPath} chains to root ${signer} instead of ${expectedRoots.signing}, which signs in the stack`,
      again,
    );
  }
}

/** Whether every two linked clusters accept each other's certificates: a connection needs both ways. */
function betweenLinked(mesh: Mesh, found: ReadonlyMap<Cluster, Cacerts>, names: Names): Finding[] {
  const findings: Finding[] = [];
  const pairs = linkedPairs(mesh, inMeshOrder(mesh, found));
  for (const [[one, its], [other, others]] of pairs) {
    const refusals = [
      ...(accepts(its, others) ? [] : [refusal(one, other, its, names)]),
      ...(accepts(others, its) ? [] : [refusal(other, one, others, names)]),
    ];
    if (refusals.length > 0) {
      findings.push({
        status: "failed",
        message: refusals.join("; "),
        remedy:
          "Calls between the two fail. Both have to sign with one root, or to trust both (root.alsoTrusted): each cluster's own findings say " +
          "which of them does not have the stack's, and what brings it back.",
      });
    }
  }
  if (pairs.length > 0 && findings.length === 0) {
    const count = pairs.length === 1 ? "the linked pair accepts" : `all ${String(pairs.length)} linked pairs accept`;
    findings.push({ status: "passed", message: `${count} each other's certificates` });
  }
  return findings;
}

type Entry = readonly [Cluster, Cacerts];

function linkedPairs(mesh: Mesh, found: readonly Entry[]): [Entry, Entry][] {
  const links = new Set(linksOf(mesh).flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]));
  return found.flatMap((one, index) =>
    found
      .slice(index + 1)
      .filter((other) => links.has(`${one[0].name} ${other[0].name}`))
      .map((other): [Entry, Entry] => [one, other]),
  );
}

/** Whether one that trusts `roots` accepts what another one signs; a certificate that is missing is reported elsewhere. */
function accepts({ roots }: Cacerts, { intermediate, between }: Cacerts): boolean {
  return roots.length === 0 || intermediate === undefined || rootOf(intermediate, between, roots) !== undefined;
}

function refusal({ name }: Cluster, other: Cluster, { roots }: Cacerts, names: Names): string {
  return `${name} does not accept certificates of ${other.name}: they do not chain to what it trusts (root ${list(roots, names)})`;
}

function list(roots: readonly X509Certificate[], names: Names): string {
  return roots.map((one) => rootName(one, names)).join(", ");
}
