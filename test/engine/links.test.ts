import { afterEach, beforeEach, expect, test } from "vitest";
import { lines } from "./support/run";
import { kwok, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const clusters = [kwok("a"), kwok("b"), kwok("c")];
const links = [{ from: "a", to: "b" }, { between: ["b", "c"] }];

/** Steps about links alone. */
async function linksOf(changes: Record<string, unknown>): Promise<string[]> {
  const stack = await TestStack.open(world, settings({ clusters, links, demo: false, ...changes }));
  const run = await stack.up();
  expect(run).toMatchObject({ error: undefined, messages: [] });
  expect((await stack.outputs()).links?.value).toEqual([
    { from: "a", to: "b", via: expect.any(String) as unknown },
    { from: "b", to: "c", via: expect.any(String) as unknown },
    { from: "c", to: "b", via: expect.any(String) as unknown },
  ]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
  return lines(run.steps).filter((step) => /peer|remote-secret/.test(step));
}

test("a one-way link stands in the cluster that calls", async () => {
  expect(await linksOf({})).toEqual(["create Gateway a-peer-b", "create Gateway b-peer-c", "create Gateway c-peer-b"]);
});

test("the peering chart has all peers of a cluster in one release", async () => {
  expect(await linksOf({ linkMethod: "chart", istioVersion: "1.29.0", repoKey: "" })).toEqual([
    "create Release a-peering-remote",
    "create Release b-peering-remote",
    "create Release c-peering-remote",
  ]);
});

test("the community distribution links by remote secrets, once the token of the link is there", async () => {
  expect(await linksOf({ distribution: "community", license: "", repoKey: "" })).toEqual([
    "create Secret a-remote-secret-b",
    "create Secret b-remote-secret-c",
    "create Secret c-remote-secret-b",
  ]);
  const calls = (await world.calls()).filter(({ preview, method }) => !preview && method === "create");
  const token = calls.find(({ name, cluster }) => cluster === "b" && name.endsWith("-istio-reader-token-1-a"));
  const secret = calls.find(({ name, cluster }) => cluster === "a" && name.endsWith("-remote-secret-b"));
  expect(token).toBeDefined();
  expect(token?.end).toBeLessThanOrEqual(secret?.start ?? 0);
});
