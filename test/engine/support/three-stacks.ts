import { expect } from "vitest";
import { lines } from "./run";
import { kwok, settings } from "./settings";
import { TestStack } from "./stack";
import type { World } from "./world";

const shares = {
  one: { clusters: ["a", "b"], addressPool: "10.0.0.0/12" },
  two: { clusters: ["c", "d"], addressPool: "10.16.0.0/12" },
  three: { clusters: ["e", "f"], addressPool: "10.32.0.0/12" },
} as const;

export type Member = keyof typeof shares;
/** Three stacks of two clusters, which make one mesh. */
export const members: readonly Member[] = ["one", "two", "three"];

/**
 * Brings the three up in an order, twice each, which makes the mesh whole; then the first one leaves. The root has a stack of
 * its own, without a cluster: whatever comes first, it is there.
 */
export async function joinAndLeave(world: World, order: readonly Member[]): Promise<void> {
  const keeper = await TestStack.open(
    world,
    settings({ clusters: [], demo: false, root: { generate: { issueFor: ["a", "b", "c", "d", "e", "f"] } } }),
    { name: "root" },
  );
  expect(await keeper.up()).toMatchObject({ error: undefined, messages: [] });

  const stacks: TestStack[] = [];
  for (const member of order) {
    const { clusters, addressPool } = shares[member];
    const given = settings({
      clusters: clusters.map((cluster) => kwok(cluster)),
      addressPool,
      peerStacks: members.filter((other) => other !== member).map((other) => `organization/flatmesh/${other}`),
      root: { stack: keeper.fullName },
      demo: false,
    });
    stacks.push(await TestStack.open(world, given, { name: member }));
  }
  const missing: number[] = [];
  for (const stack of [...stacks, ...stacks]) {
    expect((await stack.up()).error).toBeUndefined();
    missing.push(((await stack.outputs()).missingPeers?.value as string[]).length);
  }
  // Each first update links what is there by then, and one more each links the rest.
  expect(missing).toEqual([2, 1, 0, 0, 0, 0]);
  for (const stack of stacks) {
    expect((await stack.outputs()).links?.value).toHaveLength(10);
    expect(lines((await stack.preview()).steps)).toEqual([]);
  }

  // The others forget one that leaves at their next update, and say that it is missing.
  const [leaving, ...staying] = stacks;
  expect(await leaving?.destroy()).toMatchObject({ error: undefined });
  for (const stack of staying) {
    const run = await stack.up();
    expect(run).toMatchObject({ error: undefined, messages: [{ severity: "warning" }] });
    const changes = lines(run.steps).filter((line) => !line.startsWith("update "));
    expect(changes).toEqual(Array(4).fill(expect.stringMatching(/^delete /)));
    expect((await stack.outputs()).missingPeers?.value).toEqual([leaving?.fullName]);
  }
}
