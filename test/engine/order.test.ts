import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Called } from "./echo/world";
import { withoutIdentity } from "./support/run";
import { existing, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { forgotten, World } from "./support/world";

/** What stands in a cluster before what is begun. Certificates and the Gateway API need not wait for each other. */
const order: readonly (readonly [before: string, after: string])[] = [
  ["istio-system", "cacerts"],
  ["istio-system", "istio-base"],
  ["cacerts", "istiod"],
  ["gateways.gateway.networking.k8s.io", "istiod"],
  ["gatewayclasses.gateway.networking.k8s.io", "istiod"],
  ["istio-base", "istiod"],
  ["istiod", "istio-cni"],
  ["istio-cni", "ztunnel"],
  ["ztunnel", "istio-eastwest Namespace"],
  ["istio-eastwest Namespace", "istio-eastwest Gateway"],
  ["ztunnel", "demo"],
  ["demo", "global-service Deployment"],
  ["demo", "sleep Deployment"],
];

describe("on existing clusters", () => {
  let world: World;
  let created: readonly Called[];
  let deleted: readonly Called[];

  beforeAll(async () => {
    world = await World.open();
    // Time enough for a second one to begin, if nothing holds it back.
    await world.play({ delays: [{ resource: "^kubernetes:", milliseconds: 60 }] });
    const clusters = [existing("a", await world.found("a")), existing("b", await world.found("b"))];
    const stack = await TestStack.open(world, settings({ clusters }));
    expect(await stack.up()).toMatchObject({ error: undefined });
    created = (await world.newCalls()).filter(({ method }) => method === "create");
    expect(await stack.destroy()).toMatchObject({ error: undefined });
    deleted = (await world.newCalls()).filter(({ method }) => method === "delete");
  });
  afterAll(() => world.close());

  test.each(order)("%s stands before %s is begun, and goes after it", (before, after) => {
    for (const cluster of ["a", "b"]) {
      expect(find(created, cluster, before).end).toBeLessThanOrEqual(find(created, cluster, after).start);
      if (!isDefinition(before)) {
        expect(ended(deleted, cluster, after).end).toBeLessThanOrEqual(ended(deleted, cluster, before).start);
      }
    }
  });

  test.each([
    ["a", "b"],
    ["b", "a"],
  ])("%s knows its peer %s when both have an address, and forgets it first", (cluster, peer) => {
    const [link, unlink] = [find(created, cluster, `peer-${peer}`), find(deleted, cluster, `peer-${peer}`)];
    for (const each of [cluster, peer]) {
      expect(find(created, each, "istio-eastwest Gateway").end).toBeLessThanOrEqual(link.start);
      expect(unlink.end).toBeLessThanOrEqual(find(deleted, each, "istio-eastwest Gateway").start);
    }
  });

  test("the clusters are set up, and cleared, side by side", () => {
    for (const calls of [created, deleted]) {
      const [a, b] = ["a", "b"].map((cluster) => calls.filter((call) => call.cluster === cluster));
      expect(a?.some((one) => b?.some((other) => one.start < other.end && other.start < one.end))).toBe(true);
    }
  });

  test("exactly what was put there is deleted, but for the definitions, which other people's Gateways need", () => {
    const things = (calls: readonly Called[]) =>
      calls.flatMap(({ cluster, type, name, subject }) =>
        cluster === undefined || isDefinition(name) ? [] : [`${cluster} ${type} ${subject}`],
      );
    // What ends a namespace leaves it to whoever has put something into it since.
    const [namespaces, others] = [true, false].map((wanted) =>
      created.filter(({ type }) => type.endsWith(":Namespace") === wanted),
    );
    expect(things(deleted).sort()).toEqual(things(others ?? []).sort());
    expect(namespaces).toHaveLength(6);
    namespaces?.forEach(({ cluster = "", subject }) =>
      ended(deleted, cluster, `${subject.replace(/^.*\//, "")} Namespace`),
    );
    expect(deleted.filter(({ name }) => isDefinition(name))).toEqual([]);
    expect(world.has("a") && world.has("b")).toBe(true);
  });

  test("nobody's Helm release is forgotten, only attempts that were not finished", () => {
    const pending = "status in (pending-install,pending-upgrade,pending-rollback)";
    expect(forgotten(world)).toEqual(
      ["a", "b"].flatMap((cluster) =>
        ["istio-base", "istio-cni", "istiod", "ztunnel"].map(
          (release) => `${cluster} owner=helm,name=${release},${pending}`,
        ),
      ),
    );
  });
});

function isDefinition(thing: string): boolean {
  return thing.endsWith(".gateway.networking.k8s.io");
}

/** The call by which a thing goes: what ends a namespace is a command. */
function ended(calls: readonly Called[], cluster: string, thing: string): Called {
  const [name = "", kind = ""] = thing.split(" ");
  if (kind !== "Namespace" && !["istio-system", "demo"].includes(name)) {
    return find(calls, cluster, thing);
  }
  const found = calls.filter((call) => call.name === `${cluster}-${name}-namespace`);
  expect(found, `the end of namespace ${name} in ${cluster}`).toHaveLength(1);
  return found[0] as Called;
}

/** The one call about a thing in a cluster: by its name, and its kind where several things have it. */
function find(calls: readonly Called[], cluster: string, thing: string): Called {
  const [name, kind = ""] = thing.split(" ");
  const found = calls.filter(
    (call) =>
      withoutIdentity(call.name) === `${cluster}-${String(name)}` &&
      call.type.endsWith(kind) &&
      call.cluster === cluster,
  );
  expect(found, `${thing} in ${cluster}`).toHaveLength(1);
  return found[0] as Called;
}
