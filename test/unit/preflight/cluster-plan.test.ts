import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClusters } from "../../../components/clusters";
import { identityOf } from "../../../components/clusters/identity";
import { kind, kwok, parse } from "../settings/config";
import { type Inputs, type World, run } from "../components/mocks";
import { preflightOf } from "../components/preflight";
import { kindSettings } from "../components/clusters/settings";

const identities = [0, 1, 2].map((generation) => identityOf({ ...kindSettings(), generation }));
const [first = "", second = "", third = ""] = identities;

const owner = "0123456789abcdef";
const ownerInState: readonly [string, Inputs] = ["random:index/randomId:RandomId owner", { hex: owner }];

/** A cluster's Command in the state. */
const made = (identity: string, more: object = {}) =>
  [
    `command:local:Command a-${identity}`,
    { environment: { NAME: "a", OWNER: owner, IDENTITY: identity, ...more } },
  ] as const;
const madeAgain = made(second, { GENERATION: "1" });
const there = (...identities: readonly string[]) => [...identities.map((identity) => `a ${identity}`), "."].join("\n");

describe("a kind cluster of the state", () => {
  beforeEach(() => {
    vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each<[string, string, World]>([
    ["stays as it is where it is there", first, { state: [made(first)], kindClusters: there(first) }],
    ["is another one where it is gone", second, { state: [made(first)], kindClusters: there() }],
    [
      "is another one where one of other settings stands in its place",
      second,
      { state: [made(first)], kindClusters: there("abc") },
    ],
    ["stays so from then on", second, { state: [madeAgain], kindClusters: there(second) }],
    [
      "and while the old one is still in the state",
      second,
      { state: [madeAgain, made(first)], kindClusters: there(second) },
    ],
    ["is yet another one the next time", third, { state: [madeAgain], kindClusters: there() }],
    ["stays as it is where nobody can tell", second, { state: [madeAgain], kindClusters: "", preview: true }],
    [
      "is another one where the name on the machine is that of another cluster",
      second,
      { state: [made(first, { NAME: "c" })], kindClusters: there(first) },
    ],
    ["is the first one where the state has another one's only", first, { state: [made("abc")], kindClusters: there() }],
    ["is the first one where the state has none", first, { kindClusters: there() }],
  ])("%s", async (_, identity, world) => {
    const { value, one, calls } = await clusters([kind("a")], world);
    expect(value).toEqual([`a-${identity}`]);
    expect(one("Command", `a-${identity}`).inputs["environment"]).toMatchObject({
      IDENTITY: identity,
      ...(identity !== first && { GENERATION: identity === second ? "1" : "2" }),
    });
    const asked = calls.flatMap(({ inputs }) => (inputs["environment"] as Inputs | undefined) ?? []);
    expect(asked.filter((environment) => "FORMER_MARKS" in (environment as Inputs))).toMatchObject(
      world.state ? [{ OWNER: owner, FORMER_MARKS: "" }] : [],
    );
  });

  it("is asked for by the mark of version 0.1 where that has made it, and nobody's else", async () => {
    const state = [made(first, { OWNER: "flatmesh/dev" })];
    const { value, calls } = await clusters([kind("a")], { state, kindClusters: there(first) }, []);
    expect(value).toEqual([`a-${first}`]);
    const asked = calls.find(({ token }) => token === "command:local:run")?.inputs["environment"];
    expect(asked).toMatchObject({ OWNER: "nobody", FORMER_MARKS: `flatmesh/dev/${first}` });
  });

  it("is said to be recreated, and why", async () => {
    await clusters([kind("a")], { state: [made(first)], kindClusters: there() });
    expect(vi.mocked(pulumi.log.warn).mock.calls).toEqual([
      [
        "Kind cluster a no longer exists: it was deleted, or failed to be rebuilt. It and everything in it will be recreated.",
      ],
    ]);
  });

  it("is nobody's business where all clusters are others'", async () => {
    const { calls } = await clusters([kwok("a")], { state: [made(first)], kindClusters: there() });
    expect(calls.filter(({ token }) => token === "command:local:run")).toEqual([]);
  });
});

describe("uniqueNames", () => {
  const uniquely = [
    made(first, { NAME: "a-abc123" }),
    [`random:index/randomId:RandomId a-${first}-suffix`, { hex: "abc123" }],
  ] as const;

  it.each<[string, boolean, World["state"]]>([
    ["set on a cluster that stands without", true, [made(first)]],
    ["taken away from a cluster that stands with it", false, uniquely],
  ])("%s makes another cluster of it, with everything inside", async (_, uniqueNames, state) => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    const kindClusters = there(first).replace("a ", uniqueNames ? "a " : "a-abc123 ");
    const { value, one } = await clusters([kind("a")], { state, kindClusters }, [ownerInState], { uniqueNames });
    expect(value).toEqual([`a-${second}`]);
    expect(one("Command", `a-${second}`).inputs["environment"]).toMatchObject({ GENERATION: "1" });
    expect(warn.mock.calls.map(([text]) => text).join()).toMatch(
      /Cluster a has the name a(-abc123)? on its machine, and uniqueNames asks for another one.* will be recreated/,
    );
    vi.restoreAllMocks();
  });

  it("is no matter for a cluster that stands as they say", async () => {
    const world = { state: uniquely, kindClusters: there(first).replace("a ", "a-abc123 ") };
    expect((await clusters([kind("a")], world, [ownerInState], { uniqueNames: true })).value).toEqual([`a-${first}`]);
  });
});

function clusters(given: readonly object[], world: World, recorded = [ownerInState], more = {}) {
  const state: World["state"] = [...(world.state ?? []), ...recorded];
  return run(
    async () => {
      const settings = parse({ clusters: given, ...more });
      const preflight = await preflightOf(settings);
      return createClusters({ ...preflight, uniqueNames: settings.uniqueNames }).map(({ namePrefix }) => namePrefix);
    },
    { ...world, state },
  );
}
