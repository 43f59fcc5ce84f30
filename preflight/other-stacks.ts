import { PreconditionError } from "../diagnostics";
import type { Settings } from "../settings";
import { intermediatesFor, type PeerOutputs, readPeerOutputs, type SignedIntermediate } from "../stacks/peer-outputs";
import { absent, type Datum, known } from "./datum";
import { outputsOf, unreadable } from "./engine";

/**
 * What the stack of `root.stack` says of itself.
 *
 * @throws PreconditionError where it can't be read: see `rootStack` of unavailable.ts.
 */
export async function readRootStack({ root }: Settings): Promise<Datum<PeerOutputs>> {
  if (root.source !== "stack") {
    return absent;
  }
  const outputs = await outputsOf(root.stack);
  if (outputs.status === "unavailable") {
    throw new PreconditionError(
      `root.stack: the outputs of stack ${root.stack} can't be read: ${outputs.reason}`,
      unreadable,
    );
  }
  return outputs.status === "absent" ? absent : known(readPeerOutputs(root.stack, "root.stack", outputs.value));
}

/**
 * What the stacks of `peerStacks` say of themselves, by full name.
 *
 * @throws PreconditionError where one says what no stack of this program says.
 */
export async function readPeerStacks(peerStacks: readonly string[]): Promise<ReadonlyMap<string, Datum<PeerOutputs>>> {
  const read = await Promise.all(
    peerStacks.map(async (name): Promise<readonly [string, Datum<PeerOutputs>]> => {
      const outputs = await outputsOf(name);
      return [name, outputs.status === "known" ? known(readPeerOutputs(name, "peerStacks", outputs.value)) : outputs];
    }),
  );
  return new Map(read);
}

/**
 * The intermediates that the stack which keeps the root has signed for this one's clusters.
 *
 * @throws PreconditionError when that stack has no root, or none of them for a cluster, with what to do there; and when one of
 * them is no authority of the root that it comes with.
 */
export function judgeIntermediates(
  { root, clusters }: Settings,
  rootStack: Datum<PeerOutputs>,
): Readonly<Record<string, SignedIntermediate>> {
  if (root.source !== "stack") {
    return {};
  }
  if (rootStack.status !== "known" || Object.keys(rootStack.value.outputs).length === 0) {
    throw new PreconditionError(
      `root.stack: stack ${root.stack} has no root of trust: it was not deployed yet, it was destroyed, or there is none of that ` +
        "name. Nothing was changed; the clusters go on with the certificates that they have. Correct the name, or run pulumi up " +
        "on that stack, and then repeat this one. If it was destroyed, bring its root back first, or another one takes its " +
        "place.",
      "docs/day-2.md#the-stack-that-keeps-the-root-is-gone",
    );
  }
  const names = clusters.map(({ name }) => name);
  const signed = intermediatesFor(rootStack.value, "root.stack", names);
  const missing = names.filter((name) => !signed.has(name));
  if (missing.length > 0) {
    throw new PreconditionError(
      `root.stack: stack ${root.stack} has signed no intermediate for ${missing.join(", ")}. Add what is missing to issueFor ` +
        "in the root setting there and run pulumi up on it, then repeat this one.",
      "docs/several-stacks.md#the-root-of-trust",
    );
  }
  return Object.fromEntries(signed);
}
