import { PreconditionError } from "../diagnostics";
import type { Settings } from "../settings";
import { intermediatesFor, type PeerOutputs, readPeerOutputs, type SignedIntermediate } from "../stacks/peer-outputs";
import { absent, type Datum, known } from "./datum";
import { outputsOf, unreadable } from "./engine";
import type { Judged } from "./problems";
import { type Run, withoutDatum } from "./unavailable";

/**
 * Reads the outputs of the stack of `root.stack`.
 *
 * @throws PreconditionError if they are not outputs of this program.
 */
export async function readRootStack({ root }: Settings): Promise<Datum<PeerOutputs>> {
  if (root.source !== "stack") {
    return absent;
  }
  const outputs = await outputsOf(root.stack);
  return outputs.status === "known" ? known(readPeerOutputs(root.stack, "root.stack", outputs.value)) : outputs;
}

/**
 * Reads the outputs of the stacks of `peerStacks`, by full name.
 *
 * @throws PreconditionError if they are not outputs of this program.
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
 * The intermediates that the root's stack has signed for this one's clusters.
 *
 * @throws PreconditionError if that stack has no root, or no intermediate for a cluster, with what to do there; and if an
 * intermediate was not signed by the root that comes with it.
 */
export function judgeIntermediates(
  { root, clusters }: Settings,
  rootStack: Datum<PeerOutputs>,
  run: Run,
): Judged<Readonly<Record<string, SignedIntermediate>>> {
  if (root.source !== "stack") {
    return { value: {}, problems: [] };
  }
  if (rootStack.status === "unavailable") {
    const message = `root.stack: the outputs of stack ${root.stack} can't be read: ${rootStack.reason}`;
    return { value: {}, problems: withoutDatum("rootStack", run, message, unreadable) };
  }
  if (rootStack.status !== "known" || Object.keys(rootStack.value.outputs).length === 0) {
    throw new PreconditionError(
      `root.stack: stack ${root.stack} has no root of trust: it was not deployed yet, it was destroyed, or there is no stack of that ` +
        "name. Nothing was changed; the clusters keep the certificates that they have. Correct the name, or run pulumi up " +
        "on that stack, and then repeat this one. If it was destroyed, restore its root first: a new one would take its " +
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
  return { value: Object.fromEntries(signed), problems: [] };
}
