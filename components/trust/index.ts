import * as pulumi from "@pulumi/pulumi";
import type { IssuingSettings, Settings } from "../../settings";
import type { Authority, Intermediate } from "./authority";
import { IntermediateCertificate } from "./intermediate";
import { RootCertificate } from "./root";
import type { Kept } from "./kept";
import { KeptCertificatesWatch } from "./kept-watch";
import { handover, intermediatesOf } from "./root-stack";

export type { Intermediate } from "./authority";
export { CaCertsSecret } from "./cacerts";
export { type Kept, type KeptCertificates, keptRoot } from "./kept";
export type { KeptCertificatesWatch } from "./kept-watch";

/** One root for all clusters, and an intermediate for each. */
export interface Trust {
  /** PEM; absent where someone else keeps the clusters' certificates, and they could not be looked at. */
  readonly rootCertificate?: pulumi.Output<string>;
  /** By the mesh's name of the cluster; empty where someone else keeps them. */
  readonly intermediates: ReadonlyMap<string, Intermediate>;
  /** Where somebody else keeps them: what sees that they are there. */
  readonly kept?: KeptCertificatesWatch;
  /** Intermediates for the clusters of other stacks, a secret by cluster name; absent where this stack signs none. */
  readonly issued?: pulumi.Output<unknown>;
}

/**
 * Makes, takes or leaves alone the certificates of the mesh, as the settings' `root` says.
 *
 * @param kept What somebody else keeps in clusters that could be looked at.
 * @throws Refusal when the stack that keeps the root has not signed for all clusters.
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
      return { intermediates, ...(first && { rootCertificate: first.rootCertificate }) };
    }
    case "given":
      return issue(
        { certificate: pulumi.output(root.certificate), privateKey: pulumi.secret(root.privateKey) },
        root,
        clusters,
      );
    case "generate":
      return issue(new RootCertificate("root", root), root, clusters);
  }
}

/** A stack that has the root's key signs for its own clusters, and for those that other stacks have told it of. */
function issue(root: Authority, settings: IssuingSettings, own: readonly string[]): Trust {
  const sign = (clusters: readonly string[]): Map<string, Intermediate> =>
    new Map(
      clusters.map((cluster) => [
        cluster,
        new IntermediateCertificate(`${cluster}-intermediate`, { ...settings, cluster, root }),
      ]),
    );
  return {
    rootCertificate: root.certificate,
    intermediates: sign(own),
    ...(settings.issueFor.length > 0 && { issued: handover(sign(settings.issueFor)) }),
  };
}
