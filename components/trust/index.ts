import * as pulumi from "@pulumi/pulumi";
import { firstRoot, type IssuingSettings, type Settings } from "../../settings";
import { ownOutputs } from "../../stacks/engine";
import type { Authority, Intermediate } from "./authority";
import { bundle } from "./bundle";
import { earlierCertificates } from "./earlier";
import { IntermediateCertificate } from "./intermediate";
import { RootCertificate } from "./root";
import type { Kept } from "./external-cacerts";
import { KeptCertificatesWatch } from "../mesh/external-cacerts-hook";
import { handover, intermediatesOf } from "./root-stack";
import { named, nameOf, wantedRoots } from "./roots";

export type { Intermediate } from "./authority";
export { CaCertsSecret } from "./cacerts";
export { heldRoots, rootsOf } from "../../preflight/roots/recorded-roots";
export { type Kept, type KeptCertificates, keptRoot } from "./external-cacerts";
export type { KeptCertificatesWatch } from "../mesh/external-cacerts-hook";
export { type Roots, rootsIn, wantedRoots } from "./roots";

/** The roots that a stack tells others of. */
export interface ToldRoots {
  /** PEM by name: one root for all clusters, or two while one replaces the other. */
  readonly trusted: Readonly<Record<string, pulumi.Input<string>>>;
  /** Name of the one that signs the intermediates. */
  readonly signing: string;
}

/** One root for all clusters, or two while one replaces the other, and an intermediate for each cluster. */
export interface Trust {
  /** Every root that is trusted, PEM; absent where someone else keeps the clusters' certificates, and they could not be looked at. */
  readonly rootCertificate?: pulumi.Output<string>;
  /** Absent where someone else keeps the clusters' certificates. */
  readonly roots?: ToldRoots;
  /** By the mesh's name of the cluster; empty where someone else keeps them. */
  readonly intermediates: ReadonlyMap<string, Intermediate>;
  /** Where somebody else keeps them: what sees that they are there. */
  readonly kept?: KeptCertificatesWatch;
  /** Intermediates for the clusters of other stacks, a secret each, by cluster; absent where this stack signs none. */
  readonly issued?: Readonly<Record<string, pulumi.Output<unknown>>>;
}

/**
 * Makes, takes or leaves alone the certificates of the mesh, as the settings' `root` says.
 *
 * @param kept What somebody else keeps in clusters that could be looked at.
 * @throws PreconditionError when the stack that keeps the root has not signed for all clusters.
 */
export async function createTrust(settings: Settings, kept: Kept = { certificates: [] }): Promise<Trust> {
  const clusters = settings.clusters.map(({ name }) => name);
  const { root } = settings;
  switch (root.source) {
    case "existing":
      return {
        intermediates: new Map(),
        kept: new KeptCertificatesWatch(kept.certificates),
        ...(kept.rootCertificate !== undefined && { rootCertificate: pulumi.output(kept.rootCertificate) }),
      };
    case "stack": {
      const intermediates = await intermediatesOf(root.stack, clusters);
      const [first] = intermediates.values();
      const roots = await wantedRoots(settings);
      return {
        intermediates,
        ...(first && { rootCertificate: first.rootCertificate }),
        ...(roots && { roots: { trusted: known(roots.trusted), signing: roots.signing } }),
      };
    }
    case "given": {
      const { certificate, privateKey, alsoTrusted } = root;
      const authority = { certificate: pulumi.output(certificate), privateKey: pulumi.secret(privateKey) };
      const trusted = Object.fromEntries(named([certificate, ...alsoTrusted]));
      return issue({ root: authority, roots: { trusted, signing: nameOf(certificate) } }, root, clusters);
    }
    case "generate": {
      const made = new Map(root.trusted.map((name) => [name, new RootCertificate(name, root)]));
      const trusted = {
        ...Object.fromEntries([...made].map(([name, { certificate }]) => [name, certificate])),
        ...Object.fromEntries(named(root.alsoTrusted)),
      };
      const authority = made.get(root.signing);
      if (authority === undefined) {
        throw new Error(`No root ${root.signing}, although no fault was found: a bug in the checks of settings`);
      }
      return issue({ root: authority, roots: { trusted, signing: root.signing } }, root, clusters);
    }
  }
}

interface Signer {
  readonly root: Authority;
  readonly roots: ToldRoots;
}

/** A stack that has the root's key signs for its own clusters, and for those that other stacks have told it of. */
async function issue({ root, roots }: Signer, settings: IssuingSettings, own: readonly string[]): Promise<Trust> {
  const { rootCertificate: before } = await ownOutputs();
  const trusted = pulumi
    .all(Object.values(roots.trusted))
    .apply((texts) => bundle([...texts, ...earlierCertificates(texts, before)]));
  // An intermediate of another root is another resource. A root that is given has no name to tell it by.
  const made = "signing" in settings && roots.signing !== firstRoot ? `-${roots.signing}` : "";
  const sign = (clusters: readonly string[]): Map<string, Intermediate> =>
    new Map(
      clusters.map((cluster) => [
        cluster,
        new IntermediateCertificate(`${cluster}-intermediate${made}`, { ...settings, cluster, root, trusted }),
      ]),
    );
  return {
    rootCertificate: trusted,
    roots,
    intermediates: sign(own),
    ...(settings.issueFor.length > 0 && { issued: handover(sign(settings.issueFor)) }),
  };
}

/** What is known of roots that another stack has made: all of them. */
function known(trusted: ReadonlyMap<string, string | undefined>): Record<string, string> {
  return Object.fromEntries([...trusted].flatMap(([name, pem]) => (pem === undefined ? [] : [[name, pem] as const])));
}
