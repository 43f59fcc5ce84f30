import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lines } from "./support/run";
import { settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

test("a cluster that another stack makes is planned before that is deployed, and used as soon as it is", async () => {
  const kubeconfig: unknown = JSON.parse(await world.found("a"));
  const source = { stack: "organization/flatmesh/eks", output: "kubeconfig" };
  const clusters = [{ name: "a", provisioner: "existing", kubeconfig: source }];
  const stack = await TestStack.open(world, settings({ clusters, demo: false }));
  const plan = await stack.preview();
  expect(plan.error).toBeUndefined();
  const notYet =
    /^Output kubeconfig of stack organization\/flatmesh\/eks, the kubeconfig of cluster a, does not exist: the stack is not/;
  expect(plan.messages).toEqual([{ severity: "warning", text: expect.stringMatching(notYet) as unknown }]);
  const refused = await stack.up();
  expect(refused.error).toMatch(notYet);
  expect(await world.newWork()).toEqual([]);

  // A program of somebody else's, whose output is a map as pulumi-eks makes it.
  let output: unknown = pulumi.secret(kubeconfig);
  const program = () => Promise.resolve({ vpcId: "vpc-1", kubeconfig: output });
  const eks = await TestStack.open(world, {}, { name: "eks", program });
  expect((await eks.up()).error).toBeUndefined();
  expect(lines((await stack.preview()).steps)).toEqual(lines(plan.steps));
  const made = await stack.up();
  expect([made.error, lines(made.steps)]).toEqual([undefined, lines(plan.steps)]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
  // The key stays a secret: no console, no plan, and no state has it in plain text.
  const key = Buffer.from("client-key-of-a").toString("base64");
  for (const text of [plan.printed, made.printed, await stack.exported()]) {
    expect(text).not.toContain(key);
  }
  expect(JSON.stringify(await stack.deployment())).toContain(key);

  // What is no kubeconfig any more, or can't be seen, leaves the cluster as it is.
  output = 42;
  expect((await eks.up()).error).toBeUndefined();
  expect((await stack.preview()).error).toMatch(
    /the kubeconfig of cluster a, is a number, and no kubeconfig\. The stack also has vpcId/,
  );
  expect((await eks.destroy()).error).toBeUndefined();
  const without = await stack.preview();
  expect([without.error, lines(without.steps)]).toEqual([undefined, []]);
  expect(without.messages[0]?.text).toMatch(
    /This plan takes the kubeconfig that the state has; pulumi up would be refused\./,
  );
  expect((await stack.up()).error).toMatch(notYet);
  expect((await stack.destroy()).error).toBeUndefined();
});
