/**
 * A cluster of several control planes and no workers beside a single node, `npm run test:control-planes`: two etcds and four
 * containers more than the other kind tests have are too much for a small machine that runs those as well.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { remoteClusters } from "./istiod";
import { docker, type Machine, machine, nodesOf } from "./machine";
import { deployPods, expectFlat } from "./pods";
import { kind, settings } from "./settings";
import { MachineStack } from "./stack";

const [a, b] = ["single", "several"] as const;

let before: Machine;
let stack: MachineStack;
beforeAll(async () => {
  before = machine();
  stack = await MachineStack.open("control-planes", settings([kind(a), kind(b, { controlPlanes: 2 })]));
});
afterAll(async () => {
  await stack.destroy();
  stack.close();
});

test("comes up: pods run on control planes, and all of them reach each other", async () => {
  expect((await stack.up()).error).toBeUndefined();
  expect(nodesOf(b)).toEqual([`${b}-control-plane`, `${b}-control-plane2`, `${b}-external-load-balancer`]);
  await deployPods(stack, [a, b], inject("kindImages").echo);
  await expectFlat(stack, [a, b]);
});

test("is read by the other one's istiod through kind's own load balancer", async () => {
  await expect
    .poll(async () => (await remoteClusters(stack, a)).map(({ id, syncStatus }) => [id, syncStatus]), {
      timeout: 120_000,
    })
    .toEqual([[b, "synced"]]);
});

test("a destroy leaves the machine as it was, though all is gone already but for that load balancer", async () => {
  docker("rm", "--force", "--volumes", ...nodesOf(b).filter((node) => node.includes("-control-plane")));
  expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
  expect(machine()).toEqual(before);
});
