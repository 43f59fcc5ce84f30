import type { Draft } from "../draft";
import type { Faults } from "../faults";

/** Peer stacks are other stacks, each named once; without any there is nothing to require. */
export function checkPeers({ whole, said }: Draft, stack: string | undefined, faults: Faults): void {
  const { peerStacks = [] } = whole;
  peerStacks.forEach((name, index) => {
    const path = `peerStacks[${String(index)}]`;
    if (peerStacks.indexOf(name) < index) {
      faults.add({ path, value: name, problem: "is listed twice", remedy: "list it once" });
    }
    if (name === stack) {
      faults.add({ path, value: name, problem: "is this stack itself", remedy: "list other stacks only" });
    }
  });
  if (whole.requirePeers && (!said.has("peerStacks") || whole.peerStacks?.length === 0)) {
    faults.add({
      path: "requirePeers",
      value: true,
      problem: "requires peers, and there are no peerStacks",
      remedy: "list the stacks to peer with in peerStacks, or leave it out",
    });
  }
}
