import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createClusters, recordedOwnership, withGenerations } from "../../../../components/clusters";
import { identityOf } from "../../../../components/clusters/identity";
import { kind, kwok, parse } from "../../settings/config";
import { type World, run } from "../mocks";
import { kindSettings } from "./settings";

const identities = [0, 1, 2].map((generation) => identityOf({ ...kindSettings(), generation }));
const [first = "", second = "", third = ""] = identities;

const owner = "0123456789abcdef";

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
    ["stays as it is where nobody can tell", second, { state: [madeAgain], kindClusters: "" }],
    [
      "is known by its name on the machine",
      second,
      { state: [made(first, { NAME: "a-abc123" })], kindClusters: there(first) },
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
    const asked = calls.filter(({ token }) => token === "command:local:run");
    expect(asked.map(({ inputs }) => inputs["environment"])).toMatchObject(
      world.state ? [{ OWNER: owner, FORMER_MARKS: "" }] : [],
    );
  });

  it("is asked for by the mark of version 0.1 where that has made it, and nobody's else", async () => {
    const state = [made(first, { OWNER: "flatmesh/dev" })];
    const { value, calls } = await clusters([kind("a")], { state, kindClusters: there(first) }, {});
    expect(value).toEqual([`a-${first}`]);
    const asked = calls.find(({ token }) => token === "command:local:run")?.inputs["environment"];
    expect(asked).toMatchObject({ OWNER: "nobody", FORMER_MARKS: `flatmesh/dev/${first}` });
  });

  it("is said to be made anew, and why", async () => {
    await clusters([kind("a")], { state: [made(first)], kindClusters: there() });
    expect(vi.mocked(pulumi.log.warn).mock.calls).toEqual([
      ["Kind cluster a is gone: it was deleted, or failed to be rebuilt. It is made anew, with everything in it."],
    ]);
  });

  it("is nobody's business where all clusters are others'", async () => {
    expect((await clusters([kwok("a")], { state: [made(first)], kindClusters: there() })).calls).toEqual([]);
  });
});

function clusters(given: readonly object[], world: World, ownership: { readonly owner?: string } = { owner }) {
  return run(async () => {
    const state = new Map((world.state ?? []).map((entry) => (typeof entry === "string" ? [entry, {}] : entry)));
    const recorded = { ...recordedOwnership(state), ...ownership };
    return createClusters(await withGenerations(parse({ clusters: given }), recorded)).map(({ scope }) => scope);
  }, world);
}
