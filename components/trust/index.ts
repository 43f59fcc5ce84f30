import * as pulumi from "@pulumi/pulumi";
import type { SignedIntermediate } from "../../stacks/peer-outputs";
import { firstRoot, type IssuingSettings, type RootSettings, type Settings } from "../../settings";
import { type Authority, type Intermediate, IntermediateCa, RootCa, rootResource } from "./authorities";
import type { ExternalCacerts } from "./external-cacerts";
import { bundle, renewedRoots } from "./root-bundle";
import { handover, takenOver } from "./root-stack";
import { named, nameOf, type Roots } from "./roots";

export { type Intermediate, rootResource } from "./authorities";
export { cacertsSecret } from "./cacerts";
export { type ExternalCacerts, type ExternalRoot, judgeExternalCacerts } from "./external-cacerts";
export { named, nameOf, type Roots } from "./roots";

/** How long an intermediate is valid, and how long before its end it is renewed, in days. */
export interface IntermediateLifetime {
  readonly validityDays: number;
  readonly renewBeforeDays: number;
}

/** What is known of the mesh's certificates before the update. Keys are in the clear. */
export interface TrustInputs {
  /** The certificates in existing clusters, if they are managed elsewhere. */
  readonly externalCacerts: readonly ExternalCacerts[];
  /** Their root, PEM; absent if none could be read. */
  readonly externalRootCertificate?: string;
  /** The intermediates that the root's stack has signed for this one's clusters, by cluster. */
  readonly intermediates: Readonly<Record<string, SignedIntermediate>>;
  /** The roots as the settings want them, as far as they are known. */
  readonly roots: Roots | undefined;
  /** By cluster: lifetimes of intermediates that are shorter than the settings have it, since the root ends before. */
  readonly lifetimes?: Readonly<Record<string, IntermediateLifetime>>;
  /** Every root that the stack's clusters trusted after its last complete update, PEM. */
  readonly previousRootCertificate?: string;
}

/** The roots that a stack publishes. */
export interface ToldRoots {
  /** PEM by name: one root for all clusters, or two while one replaces the other. */
  readonly trusted: Readonly<Record<string, pulumi.Input<string>>>;
  /** Name of the one that signs the intermediates. */
  readonly signing: string;
}

/** One root for all clusters, or two while one replaces the other, and an intermediate for each cluster. */
export interface Trust {
  /** Every root that is trusted, PEM; absent if the clusters' certificates are managed elsewhere and could not be read. */
  readonly rootCertificate?: pulumi.Output<string>;
  /** Absent if the clusters' certificates are managed elsewhere. */
  readonly roots?: ToldRoots;
  /** By the mesh's name of the cluster; empty if they are managed elsewhere. */
  readonly intermediates: ReadonlyMap<string, Intermediate>;
  /** Those that are managed elsewhere, as far as they are known before the update. */
  readonly external?: readonly ExternalCacerts[];
  /** Intermediates for the clusters of other stacks, a secret each, by cluster; absent where this stack signs none. */
  readonly issued?: Readonly<Record<string, pulumi.Output<unknown>>>;
}

/** Makes, takes or leaves alone the certificates of the mesh, as the settings' `root` says. */
export function createTrust(settings: Pick<Settings, "clusters" | "root">, inputs: TrustInputs): Trust {
  const clusters = settings.clusters.map(({ name }) => name);
  const { root } = settings;
  switch (root.source) {
    case "existing":
      return {
        intermediates: new Map(),
        external: inputs.externalCacerts,
        rootCertificate:
          inputs.externalRootCertificate === undefined ? undefined : pulumi.output(inputs.externalRootCertificate),
      };
    case "stack": {
      const intermediates = takenOver(inputs.intermediates);
      const [first] = intermediates.values();
      const { roots } = inputs;
      return {
        intermediates,
        rootCertificate: first?.rootCertificate,
        roots: roots && { trusted: known(roots.trusted), signing: roots.signing },
      };
    }
    case "given": {
      const { certificate, privateKey, alsoTrusted } = root;
      const authority = { certificate: pulumi.output(certificate), privateKey: pulumi.secret(privateKey) };
      const trusted = Object.fromEntries(named([certificate, ...alsoTrusted]));
      return issue({ root: authority, roots: { trusted, signing: nameOf(certificate) } }, root, clusters, inputs);
    }
    case "generate": {
      const made = new Map(root.trusted.map((name) => [name, rootCa(name, root)]));
      const trusted = {
        ...Object.fromEntries([...made].map(([name, { certificate }]) => [name, certificate])),
        ...Object.fromEntries(named(root.alsoTrusted)),
      };
      const authority = made.get(root.signing);
      if (authority === undefined) {
        throw new Error(`No root ${root.signing}, although no problem was found: a bug in the checks of settings`);
      }
      return issue({ root: authority, roots: { trusted, signing: root.signing } }, root, clusters, inputs);
    }
  }
}

/** A root that the stack generates, by its name in the settings. */
function rootCa(called: string, root: Extract<RootSettings, { source: "generate" }>): RootCa {
  return new RootCa(rootResource(called), {
    commonName: called === firstRoot ? "Root CA" : `Root CA ${called}`,
    algorithm: root.algorithm,
    validityDays: root.rootValidityDays,
    renewBeforeDays: root.rootRenewBeforeDays,
    // While it signs for clusters of other stacks: nobody could renew their certificates any more. One that no longer signs can go,
    // as the last stage of a rotation has it.
    protectKey: root.signing === called && root.issueFor.length > 0,
  });
}

interface Signer {
  readonly root: Authority;
  readonly roots: ToldRoots;
}

/** A stack that has the root's key signs for its own clusters, and for those of `issueFor`. */
function issue(
  { root, roots }: Signer,
  settings: IssuingSettings,
  own: readonly string[],
  { previousRootCertificate, lifetimes = {} }: TrustInputs,
): Trust {
  const trusted = pulumi
    .all(Object.values(roots.trusted))
    .apply((texts) => bundle([...texts, ...renewedRoots(texts, previousRootCertificate)]));
  // An intermediate of another root is another resource. A root that is given has no name.
  const made = "signing" in settings && roots.signing !== firstRoot ? `-${roots.signing}` : "";
  const sign = (clusters: readonly string[]): Map<string, Intermediate> =>
    new Map(
      clusters.map((cluster) => [
        cluster,
        new IntermediateCa(`${cluster}-intermediate${made}`, {
          cluster,
          algorithm: settings.algorithm,
          ...(lifetimes[cluster] ?? {
            validityDays: settings.intermediateValidityDays,
            renewBeforeDays: settings.renewBeforeDays,
          }),
          signingCertificate: root.certificate,
          signingKey: root.privateKey,
          trustedRoots: trusted,
        }),
      ]),
    );
  return {
    rootCertificate: trusted,
    roots,
    intermediates: sign(own),
    ...(settings.issueFor.length > 0 && { issued: handover(sign(settings.issueFor)) }),
  };
}

/** Roots that another stack generated, all of which are known. */
function known(trusted: ReadonlyMap<string, string | undefined>): Record<string, string> {
  return Object.fromEntries([...trusted].flatMap(([name, pem]) => (pem === undefined ? [] : [[name, pem] as const])));
}
