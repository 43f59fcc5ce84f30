import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { Settings } from "../../settings";
import type { Peer } from "./peer";
import { type PeerCluster, disagreements } from "./peer-agreement";

const Outputs = z.object({
  clusters: z.record(
    z.string(),
    z.object({
      podSubnet: z.string().optional(),
      serviceSubnet: z.string().optional(),
      network: z.string(),
      trustDomain: z.string(),
      region: z.string().optional(),
      zone: z.string().optional(),
    }),
  ),
  eastWestAddresses: z.record(z.string(), z.object({ type: z.enum(["IPAddress", "Hostname"]), value: z.string() })),
  rootCertificate: z.string().optional(),
});

/** What the stacks named in `peerStacks` have to offer. */
export interface PeerStacks {
  /** Their clusters. */
  readonly peers: readonly Peer[];
  /** The stacks that have no clusters to peer with yet. */
  readonly missing: readonly string[];
  /** PEM of the root that they trust, by stack. */
  readonly rootCertificates: ReadonlyMap<string, string>;
  /** Secret: kubeconfigs of readers, by cluster (community distribution). */
  readonly remoteAccess: ReadonlyMap<string, pulumi.Output<string>>;
}

/**
 * Reads the outputs of the peer stacks. A stack that was never deployed is missing, no error: of two stacks that need each
 * other, one has to come first.
 *
 * @throws pulumi.RunError when a stack can't be peered with (another network, trust domain or overlapping subnets), or when
 * one is missing and `requirePeers` is set.
 */
export async function readPeerStacks(settings: Settings): Promise<PeerStacks> {
  const stacks = await Promise.all(settings.peerStacks.map((name) => readStack(name, settings)));
  const missing = stacks.flatMap(({ name, clusters }) => (clusters.length === 0 ? [name] : []));
  const faults = stacks.flatMap(({ name, clusters }) => disagreements(settings, name, clusters));
  if (faults.length > 0) {
    throw new pulumi.RunError(`Stacks that can't share a mesh:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
  }
  reportMissing(missing, settings.requirePeers);
  return {
    peers: stacks.flatMap(({ clusters }) => clusters),
    missing,
    rootCertificates: new Map(
      stacks.flatMap(({ name, rootCertificate }) => (rootCertificate === undefined ? [] : [[name, rootCertificate]])),
    ),
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
    throw new pulumi.RunError(`requirePeers: ${message}`);
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
  if (!(await exists(name))) {
    return { name, clusters: [], remoteAccess: [] };
  }
  const reference = new pulumi.StackReference(name);
  const value = async (output: string): Promise<unknown> => {
    const details = await reference.getOutputDetails(output);
    return (details.value ?? details.secretValue) as unknown;
  };
  const read = Outputs.safeParse({
    clusters: (await value("clusters")) ?? {},
    eastWestAddresses: (await value("eastWestAddresses")) ?? {},
    rootCertificate: await value("rootCertificate"),
  });
  if (!read.success) {
    throw new pulumi.RunError(
      `peerStacks: the outputs of ${name} are not those of a flatmesh stack. Correct the name, or run pulumi up on it ` +
        "with this version of the program.",
    );
  }
  const { clusters, eastWestAddresses, rootCertificate } = read.data;
  const access = pulumi.secret(reference.getOutput("remoteAccess")) as pulumi.Output<
    Record<string, string> | undefined
  >;
  const reachable = Object.entries(clusters).flatMap(([cluster, { region, zone, ...rest }]): PeerCluster[] => {
    const address = eastWestAddresses[cluster];
    if (settings.distribution === "solo" && address === undefined) {
      return [];
    }
    return [{ name: cluster, ...rest, ...(address && { address }), ...(region && { region }), ...(zone && { zone }) }];
  });
  return {
    name,
    clusters: reachable,
    ...(rootCertificate !== undefined && { rootCertificate }),
    remoteAccess: reachable.map(({ name: cluster }) => [cluster, access.apply((readers) => readers?.[cluster] ?? "")]),
  };
}

/** A StackReference to a stack that does not exist fails the whole deployment; the same question asked as a function does not. */
async function exists(name: string): Promise<boolean> {
  try {
    await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
    return true;
  } catch (error) {
    if (error instanceof Error && /unknown stack|no stack named|not found/i.test(error.message)) {
      return false;
    }
    throw new pulumi.RunError(
      `peerStacks: the outputs of ${name} can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
