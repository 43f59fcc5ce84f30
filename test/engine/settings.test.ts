import * as k8s from "@pulumi/kubernetes";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadProgram } from "../../rehearsal/program";
import { PreconditionError, warn } from "../../diagnostics";
import { type Config, ofNamespace, parseSettings } from "../../settings";
import { config, kwok, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

test("faulty settings end in their faults and nothing else", async () => {
  const faulty = settings({
    clusters: [kwok("a", { podSubnet: "10.10.0.0/16" }), kwok("b", { podSubnet: "10.10.128.0/17" }), kwok("A_")],
    license: "",
    trustdomain: "example.org",
  });
  const stack = await TestStack.open(world, faulty);
  const run = await stack.up();
  expect(run.error).toBeDefined();
  const error = faultsOf(ofNamespace(config(faulty)), stack.fullName);
  expect(error).toMatch(/^4 errors/);
  // An inline program's error is reported by the program and by the engine.
  expect([...new Set(run.messages.map(({ text }) => text))].filter((text) => text !== "update failed")).toEqual([
    error,
  ]);
  expect(run.printed).not.toMatch(/\n\s+at .*:\d+:\d+/);
  expect(await world.calls()).toEqual([]);
  expect((await stack.resources()).filter(({ type }) => type !== "pulumi:pulumi:Stack")).toEqual([]);
});

test("a Kubernetes resource without a cluster's provider is refused", async () => {
  const program = loadProgram();
  const stack = await TestStack.open(world, settings(), {
    program: async () => {
      new k8s.core.v1.Namespace("stray");
      return program();
    },
  });
  const run = await stack.preview();
  expect(run.error).toBeDefined();
  expect(run.error).toMatch(/Default provider for 'kubernetes' disabled\. '\S+::stray' must use an explicit provider/);
});

test("whatever a cluster has said, the CLI shows all of it, and takes none of it for colours", async () => {
  const said = "<{%boom%}> %}> \u001b[2J";
  const stack = await TestStack.open(world, settings(), {
    program: () => {
      warn(`warned of ${said}`);
      throw new PreconditionError(`refused for ${said}`, "docs/settings.md#keys");
    },
  });
  const run = await stack.preview();
  const shown = "\\x3c{%boom%}\\x3e %}\\x3e \\x1b[2J";
  expect(run.messages.map(({ text }) => text)).toEqual(
    expect.arrayContaining([`warned of ${shown}`, `refused for ${shown}\nSee docs/settings.md#keys`]),
  );
  expect(run.printed).not.toContain("\u001b[2J");
});

function faultsOf(keys: Config, stack: string): string {
  try {
    parseSettings(keys, { stack });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("no fault was found");
}
