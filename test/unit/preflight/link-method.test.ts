import { describe, expect, it } from "vitest";
import { namePrefixOf } from "../../../components/clusters";
import { kwok, parse } from "../settings/config";
import { refusals, run } from "../components/mocks";
import { community } from "../components/peering/environment";
import { peeringInputs } from "./parts";

const newest = {
  clusters: [kwok("a"), kwok("b")],
  loadBalancer: undefined,
  istioVersion: "1.29.0",
  repoKey: undefined,
};
const scopes = parse(newest).clusters.map(namePrefixOf);
const [a = "", b = ""] = scopes;
const declared = [
  `kubernetes:gateway.networking.k8s.io/v1:Gateway ${a}-peer-b`,
  `kubernetes:gateway.networking.k8s.io/v1:Gateway ${b}-peer-a`,
];
const released = scopes.map((scope) => `kubernetes:helm.sh/v3:Release ${scope}-peering-remote`);

describe.each([
  ["chart", "gateways", declared],
  ["gateways", "chart", released],
])("links by %s", (linkMethod, other, state) => {
  it(`are refused where ${other} has made them, with the way to do it`, async () => {
    expect(await check({ linkMethod }, state)).toEqual([
      `linkMethod: ${linkMethod} can't take over links that ${other} made (in a, b): the Gateways have the same names. Change ` +
        "it in two steps: write links: [] and run pulumi up, which removes the old links (calls stay in their own cluster " +
        `meanwhile); then write linkMethod: ${linkMethod} and your links again, and run pulumi up.`,
    ]);
  });

  it.each([
    ["a new stack", {}, []],
    ["links that go at the same time", { links: [] }, state],
    ["a cluster that is rebuilt", { clusters: [kwok("a", { workers: 1 }), kwok("b", { workers: 1 })] }, state],
  ])("are fine in %s", async (_, settings, resources) => {
    expect(await check({ linkMethod, ...settings }, resources)).toEqual([]);
  });
});

it.each([
  ["gateways", declared],
  ["chart", released],
])("links by %s stay as they are", async (linkMethod, state) => {
  expect(await check({ linkMethod }, state)).toEqual([]);
});

it("a declared link makes way where the chart links others", async () => {
  const links = [{ from: "b", to: "a" }];
  expect(await check({ linkMethod: "chart", links }, declared.slice(0, 1))).toEqual([]);
});

it("the community's links are of one sort", async () => {
  expect(await check({ ...community, istioVersion: undefined }, declared)).toEqual([]);
});

function check(settings: object, state: readonly string[]): Promise<string[]> {
  return refusals(() => run(() => peeringInputs(parse({ ...newest, ...settings })), { state }));
}
