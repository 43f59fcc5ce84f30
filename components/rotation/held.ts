import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { lookAtTrust, type TrustFacts } from "../../observe";
import { Refusal, type Settings, warn } from "../../settings";
import { scopeOf } from "../clusters";
import { resourceKey, type StackOutputs, type StackState } from "../stacks";
import { heldRoots, type Roots, rootsOf } from "../trust";

/** What is needed of the outputs of a stack to look at its clusters. */
const Clusters = z.record(z.string(), z.object({ kubeconfig: z.string(), context: z.string() }));

/** How the clusters of a stack are reached, as its outputs tell. */
export function clustersIn(outputs: StackOutputs): z.output<typeof Clusters> {
  return Clusters.safeParse(outputs["clusters"]).data ?? {};
}

/** Clusters that the stack has given certificates, and does not tell how to reach: a sentence each. */
export function untold({ clusters }: Settings, own: StackOutputs, state: StackState): string[] {
  const told = clustersIn(own);
  return clusters
    .filter(
      (cluster) => told[cluster.name] === undefined && holds(state, "core/v1:Secret", scopeOf(cluster), "cacerts"),
    )
    .map(
      ({ name }) =>
        `cluster ${name}: this stack does not tell how to reach it, since no update that had it was completed. Complete one ` +
        "with the roots as they were before.",
    );
}

/**
 * The roots that the stack's clusters have before this update; undefined where there is nothing to break. Where somebody else
 * has kept their certificates, only the clusters know.
 *
 * @throws Refusal where they are not to be had.
 */
export async function rootsBefore(
  settings: Settings,
  own: StackOutputs,
  state: StackState,
): Promise<Roots | undefined> {
  const held = heldRoots(own, state);
  return held === "kept" ? keptRoots(settings, own, state) : held;
}

/** The files of a cluster's `cacerts`, or why they are not known. */
type Look = { readonly fault: string } | { readonly files: Readonly<Record<string, string>> };

async function keptRoots({ clusters }: Settings, own: StackOutputs, state: StackState): Promise<Roots | undefined> {
  const told = clustersIn(own);
  const meshes = clusters.filter((cluster) => holds(state, "helm.sh/v3:Release", scopeOf(cluster), "istiod"));
  const looks = await Promise.all(
    meshes.map(async ({ name }): Promise<Look> => {
      const access = told[name];
      return access === undefined
        ? {
            fault: `cluster ${name}: this stack does not tell how to reach it, since no update that had it was completed.`,
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
    throw new Refusal(message);
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
            'that it can be trusted before it signs, as the README tells under "A root that comes from elsewhere".'
        : kept;
    default:
      return kept;
  }
}

function holds(state: StackState, type: string, scope: string, resource: string): boolean {
  return state.has(resourceKey(`kubernetes:${type}`, `${scope}-${resource}`));
}
