/**
 * An address from the load balancer to the output. What gives it here is a stand-in for cloud-provider-kind, whose image no
 * package has, and the test itself plays the vendor's controller, which makes the Service of an east-west Gateway.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { lines } from "../engine/support/run";
import { kind, settings } from "./settings";
import { GatewayController } from "./gateway-controller";
import { docker, type Machine, machine, nodesOf } from "./machine";
import { MachineStack } from "./stack";

const cluster = "balanced";

let before: Machine;
let stack: MachineStack;
beforeAll(async () => {
  before = machine();
  stack = await MachineStack.open(
    "balancers",
    settings([kind(cluster)], {
      distribution: "solo",
      license: "a-licence",
      loadBalancer: { image: inject("kindImages").loadBalancer },
    }),
  );
});
afterAll(async () => {
  await stack.destroy();
  stack.close();
});

test("the address of the load balancer is the east-west address of the outputs", async () => {
  const controller = new GatewayController(`${cluster}-control-plane`);
  const { error } = await stack.up();
  controller.stop();
  expect(error).toBeUndefined();
  const address = "jsonpath={.status.loadBalancer.ingress[0].ip}";
  const given = await stack.kubectl(cluster, "get", "service", "istio-eastwest", "-n", "istio-eastwest", "-o", address);
  expect(given).toMatch(/^172\./);
  expect((await stack.outputs())["eastWestAddresses"]).toEqual({ [cluster]: { type: "IPAddress", value: given } });
  // Known by the stack's random identifier: another stack of that name has one of its own.
  const balancers = docker(
    "ps",
    "--format",
    '{{.Names}} {{.Label "flatmesh.owner"}}',
    "--filter",
    "label=flatmesh.owner",
  );
  expect(balancers).toEqual([expect.stringMatching(/^flatmesh-([0-9a-f]{16})-load-balancers \1$/)]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a machine that has lost everything, the container network included, is no machine for an up: a plan keeps it all", async () => {
  const balancers = docker("ps", "--quiet", "--filter", "label=flatmesh.owner");
  docker("rm", "--force", "--volumes", ...nodesOf(cluster), ...balancers);
  docker("network", "rm", "kind");
  expect(await stack.preview()).toMatchObject({ error: undefined });
  const { error, steps } = await stack.up();
  expect(error).toMatch(
    /none of the stack's kind clusters: .* If they are gone for good, run pulumi destroy, and pulumi up again\./,
  );
  expect(steps).toEqual([]);
});

test("a destroy leaves the machine as it was, though all that it made is gone already", async () => {
  expect(await stack.destroy()).toMatchObject({ error: undefined, messages: [] });
  if (before.networks.includes("kind")) {
    // It was somebody else's, and only this test has taken it away.
    docker("network", "create", "kind");
  }
  expect(machine()).toEqual(before);
  expect(stack.leftovers()).toEqual([]);
});
