import * as pulumi from "@pulumi/pulumi";
import { lookAtTrust, type TrustFacts } from "../../istio/index";
import { PreconditionError, type Settings, warn } from "../../settings/index";
import { ownClusters, scopeOf } from "../../components/clusters/index";
import { resourceKey, type StackOutputs, type StackState } from "../../stacks/engine";
import { heldRoots, type Roots, rootsOf } from "../../components/trust/index";

/** Clusters that the stack has given certificates, and has not kept the way to: a sentence each. */
export function untold({ clusters }: Settings, state: StackState): string[] {
  const known = ownClusters(clusters, state);
  return clusters
    .filter((cluster) => !known.has(cluster.name) && holds(state, "core/v1:Secret", scopeOf(cluster), "cacerts"))
    .map(
      ({ name }) =>
        `cluster ${name}: this stack's state does not have the way to it, since it was never made completely. Complete an ` +
        "update with the roots as they were before.",
    );
}

/**
 * The roots that the stack's clusters have before this update; undefined where there is nothing to break. Where somebody else
 * has kept their certificates, only the clusters know.
 *
 * @throws PreconditionError where they are not to be had.
 */
export async function rootsBefore(
  settings: Settings,
  own: StackOutputs,
  state: StackState,
): Promise<Roots | undefined> {
  const held = heldRoots(own, state);
  return held === "kept" ? keptRoots(settings, state) : held;
}

/** The files of a cluster's `cacerts`, or why they are not known. */
type Look = { readonly fault: string } | { readonly files: Readonly<Record<string, string>> };

async function keptRoots({ clusters }: Settings, state: StackState): Promise<Roots | undefined> {
  const known = ownClusters(clusters, state);
  const meshes = clusters.filter((cluster) => holds(state, "helm.sh/v3:Release", scopeOf(cluster), "istiod"));
  const looks = await Promise.all(
    meshes.map(async ({ name }): Promise<Look> => {
      const access = known.get(name);
      return access === undefined
        ? {
            fault: `cluster ${name}: this stack's state does not have the way to it, since it was never made completely.`,
          }
        : found(await lookAtTrust(name, access));
    }),
  );
  const faults = looks.flatMap((look) => ("fault" in look ? [look.fault] : []));
  if (faults.length === 0) {
    return rootsOf(looks.flatMap((look) => ("files" in look ? [look.files] : [])));
  }
  const message =
    "root: somebody else has kept the certificates of this stack's clusters so far, and whether they accept what this stack " +
    `would sign is not known:\n${faults.map((fault) => `  - ${fault}`).join("\n")}\nMake them reachable from here, or write ` +
    "root: {existing: true} again.";
  if (!pulumi.runtime.isDryRun()) {
    throw new PreconditionError(message, "docs/root-rotation.md#where-someone-else-keeps-cacerts");
  }
  warn(message);
  return undefined;
}

/** Files of `cacerts`, as they are in the Secret, or as istiod goes on with them where whoever kept it has taken it away. */
function found({ cluster, cacerts, published = [], issuers, unseen }: TrustFacts): Look {
  const [reason = "its certificates are of none of the roots that it trusts"] = unseen;
  const [issuer] = issuers;
  const chain = cacerts?.chain ?? (issuer ? [issuer.certificate] : []);
  const files = { "ca-cert.pem": chain.join(""), "root-cert.pem": (cacerts?.trusted ?? published).join("") };
  return rootsOf([files]) === undefined ? { fault: `cluster ${cluster}: ${reason}.` } : { files };
}

/** What a skipped stage needs to be told beside: where the roots of the settings come from, or those before have come from. */
export function wayOut({ root }: Settings, own: StackOutputs, state: StackState, wants: Roots): string {
  const kept =
    heldRoots(own, state) === "kept"
      ? " Somebody else has kept the certificates of this stack's clusters so far: take over first, with the very roots that " +
        "the clusters have, root: {certificate, privateKey} of the one that signs and any other in alsoTrusted."
      : "";
  switch (root.source) {
    case "stack":
      return (
        `${kept} The stages come from ${root.stack}: go back there to the stage after this stack's, and run pulumi up on it ` +
        `first. Where the old root is lost for good, and no stage can have both, write unverified: "${wants.signing}" beside ` +
        "the root for one pulumi up of each stack: calls between clusters fail until all of them have followed."
      );
    case "generate":
      return root.trusted.every((name) => wants.trusted.get(name) === undefined)
        ? `${kept} A root that this stack has yet to make would be trusted and sign at once: have the root made elsewhere, so ` +
            "that it can be trusted before it signs (docs/root-rotation.md#a-root-that-comes-from-elsewhere)."
        : kept;
    default:
      return kept;
  }
}

function holds(state: StackState, type: string, scope: string, resource: string): boolean {
  return state.has(resourceKey(`kubernetes:${type}`, `${scope}-${resource}`));
}
