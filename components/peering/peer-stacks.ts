import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Refusal, type Settings } from "../../settings";
import { outputsOf } from "../stacks";
import type { Peer } from "./peer";
import { type PeerCluster, disagreements } from "./peer-agreement";
import { isCertificate, ownRoot, rootDisagreement } from "./root-agreement";

/** What a stack needs to have of its outputs; a stack that was never deployed has none of them. */
const Outputs = z.object({
  clusters: z
    .record(
      z.string(),
      z.object({
        podSubnet: z.string().optional(),
        serviceSubnet: z.string().optional(),
        network: z.string(),
        trustDomain: z.string(),
        region: z.string().optional(),
        zone: z.string().optional(),
      }),
    )
    .default({}),
  eastWestAddresses: z
    .record(z.string(), z.object({ type: z.enum(["IPAddress", "Hostname"]), value: z.string() }))
    .default({}),
  rootCertificate: z.string().refine(isCertificate).optional(),
  remoteAccess: z.record(z.string(), z.string()).default({}),
});

/** What the stacks named in `peerStacks` have to offer. */
export interface PeerStacks {
  /** Their clusters. */
  readonly peers: readonly Peer[];
  /** The stacks that have no clusters to peer with yet. */
  readonly missing: readonly string[];
  /** Secret: kubeconfigs of readers, by cluster (community distribution). */
  readonly remoteAccess: ReadonlyMap<string, pulumi.Output<string>>;
}

/**
 * Reads the outputs of the peer stacks. A stack that was never deployed is missing, no error: of two stacks that need each
 * other, one has to come first.
 *
 * @throws Refusal when a stack can't be peered with (another network, trust domain or root, overlapping subnets), or
 * when one is missing and `requirePeers` is set.
 */
export async function readPeerStacks(settings: Settings): Promise<PeerStacks> {
  const stacks = await Promise.all(settings.peerStacks.map((name) => readStack(name, settings)));
  const missing = stacks.flatMap(({ name, clusters }) => (clusters.length === 0 ? [name] : []));
  const root = stacks.some(({ rootCertificate }) => rootCertificate !== undefined)
    ? await ownRoot(settings)
    : "unknown";
  const faults = stacks.flatMap(({ name, clusters, rootCertificate }) => [
    ...disagreements(settings, name, clusters),
    ...rootDisagreement(root, name, rootCertificate),
  ]);
  if (faults.length > 0) {
    throw new Refusal(`Stacks that can't share a mesh:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
  reportMissing(missing, settings.requirePeers);
  return {
    peers: stacks.flatMap(({ clusters }) => clusters),
    missing,
    remoteAccess: new Map(stacks.flatMap(({ remoteAccess }) => remoteAccess)),
  };
}

function reportMissing(missing: readonly string[], required: boolean): void {
  if (missing.length === 0) {
    return;
  }
  const message =
    `These peer stacks have no clusters to peer with yet: ${missing.join(", ")}. Run pulumi up on them, and then on ` +
    "this stack again, which links what is there by then.";
  if (required) {
    throw new Refusal(`requirePeers: ${message}`);
  }
  void pulumi.log.warn(message);
}

interface PeerStack {
  readonly name: string;
  readonly clusters: readonly PeerCluster[];
  readonly rootCertificate?: string;
  readonly remoteAccess: readonly (readonly [string, pulumi.Output<string>])[];
}

async function readStack(name: string, settings: Settings): Promise<PeerStack> {
  const outputs = await outputsOf(name, "peerStacks");
  if (outputs === undefined) {
    return { name, clusters: [], remoteAccess: [] };
  }
  const read = Outputs.safeParse(outputs);
  if (!read.success) {
    throw new Refusal(
      `peerStacks: the outputs of ${name} are not those of a flatmesh stack. Correct the name, or run pulumi up on it ` +
        "with this version of the program.",
    );
  }
  const { clusters, eastWestAddresses, rootCertificate, remoteAccess } = read.data;
  // A cluster that its stack has not finished yet offers nothing to link to.
  const offered = settings.distribution === "solo" ? eastWestAddresses : remoteAccess;
  return {
    name,
    clusters: Object.entries(clusters).flatMap(([cluster, { region, zone, ...rest }]): PeerCluster[] => {
      const address = eastWestAddresses[cluster];
      const labels = { ...(region !== undefined && { region }), ...(zone !== undefined && { zone }) };
      return cluster in offered ? [{ name: cluster, ...rest, ...labels, ...(address && { address }) }] : [];
    }),
    ...(rootCertificate !== undefined && { rootCertificate }),
    remoteAccess: Object.entries(remoteAccess).map(([cluster, kubeconfig]) => [cluster, pulumi.secret(kubeconfig)]),
  };
}
