import { describe, expect, it } from "vitest";
import { commandRepairs } from "../../../../preflight/drift/commands";
import { compareNodeNetworks } from "../../../../preflight/drift/node-networks";
import { kind, parse } from "../../settings/config";
import { plannedClusters } from "../../components/preflight";

const [cluster] = plannedClusters(parse({ clusters: [kind("a", { workers: 1 })] }));
const prefix = cluster?.namePrefix ?? "";
const key = `command:local:Command ${prefix}-routes`;

const stdin =
  "a-control-plane 10.20.0.0/24 172.18.0.4 b-control-plane\na-control-plane 10.255.20.0/24 172.18.0.4 b-control-plane\n" +
  "a-worker 10.20.0.0/24 172.18.0.4 b-control-plane\n";
const environment = { NODES: "a-control-plane a-worker", STARTED: "t1 t2", NODE_NETWORK: "script" };
const asDeclared = [
  "a-control-plane control-plane 172.18.0.2 10.10.0.0/24 t1",
  "+a-control-plane route 10.20.0.0/24 172.18.0.4",
  "+a-control-plane route 10.255.20.0/24 172.18.0.4",
  "+a-control-plane rules intact",
  "a-worker worker 172.18.0.3 10.10.1.0/24 t2",
  "+a-worker route 10.20.0.0/24 172.18.0.4",
  "+a-worker rules intact",
];

function judge(lines: readonly string[], changes: object = {}, run: "preview" | "update" = "update") {
  const state = new Map([[key, { stdin, environment: { ...environment, ...changes } }]]);
  const { value, problems } = commandRepairs(
    compareNodeNetworks(cluster ? [cluster] : [], { [prefix]: lines.join("\n") }, state),
    run,
  );
  return { reason: value[key]?.reason, messages: problems.map(({ message }) => message) };
}
const without = (line: string) => asDeclared.filter((one) => one !== line);
const nothing = { reason: undefined, messages: [] };

describe("nodes that have lost something", () => {
  it.each([
    [
      "a route",
      without("+a-worker route 10.20.0.0/24 172.18.0.4"),
      "node a-worker: the route to 10.20.0.0/24 is missing",
    ],
    [
      "the way of a route",
      asDeclared.map((line) =>
        line.replace("+a-worker route 10.20.0.0/24 172.18.0.4", "+a-worker route 10.20.0.0/24 172.18.0.9"),
      ),
      "node a-worker: the route to 10.20.0.0/24 leads to 172.18.0.9 instead of 172.18.0.4",
    ],
    [
      "the rules",
      asDeclared.map((line) => line.replace("+a-worker rules intact", "+a-worker rules changed")),
      "node a-worker: the rules by which its pods keep their addresses have changed",
    ],
    [
      "what brings them back",
      asDeclared.map((line) => line.replace("+a-worker rules intact", "+a-worker rules absent")),
      "node a-worker: the rules by which its pods keep their addresses are missing",
    ],
  ])("%s", (_, lines, text) => {
    expect(judge(lines)).toEqual({ reason: `1: ${text}`, messages: [`Cluster a: ${text}. This update puts it back.`] });
    expect(judge(lines, {}, "preview").messages).toEqual([`Cluster a: ${text}. The next pulumi up puts it back.`]);
  });

  it("show a drift that comes back as another change", () => {
    const { reason } = judge(without("+a-worker route 10.20.0.0/24 172.18.0.4"), { REPAIRED: "12: something" });
    expect(reason).toMatch(/^13: node a-worker/);
  });

  it("are not listed without end", () => {
    const lines = asDeclared
      .filter((line) => !line.includes(" route "))
      .map((line) => line.replace("intact", "changed"));
    expect(judge(lines).reason?.split("; ")).toHaveLength(5);
  });
});

describe("no drift is", () => {
  it("what is as declared, and the last repair's reason stays", () => {
    expect(judge(asDeclared)).toEqual(nothing);
    expect(judge(asDeclared, { REPAIRED: "1: something" })).toEqual({ reason: "1: something", messages: [] });
  });

  it.each([
    ["a route of the same number that nobody asked for", [...asDeclared, "+a-worker route 10.99.0.0/16 172.18.0.7"]],
    [
      "a node that has started anew, which changes the Command by itself",
      without("+a-worker rules intact").map((line) => line.replace(" t2", " t3")),
    ],
    ["a node that does not run", [...asDeclared.slice(0, 4), "a-worker worker"]],
    ["a node that can't be asked", asDeclared.slice(0, 5)],
    ["a machine without the clusters", []],
  ])("%s", (_, lines) => {
    expect(judge(lines)).toEqual(nothing);
  });

  it("the missing rules of a version that had none", () => {
    const lines = asDeclared.map((line) => line.replace("intact", "absent"));
    expect(judge(lines, { NODE_NETWORK: undefined })).toEqual(nothing);
  });
});
