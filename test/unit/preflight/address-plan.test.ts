import { describe, expect, it } from "vitest";
import { identityOf, namePrefixOf } from "../../../components/clusters/identity";
import { kindConfiguration } from "../../../components/clusters/kind";
import { needsNetworks, planSubnets } from "../../../preflight/address-plan";
import { type EngineNetworks, noNetworks } from "../../../preflight/engine-networks";
import type { MadeCluster, Settings } from "../../../settings";
import { parseSubnet } from "../../../settings/subnets";
import { resourceKey, type StackState } from "../../../stacks";
import { kind, kwok, parse } from "../settings/config";

const stack = (clusters: readonly object[], more: object = {}) => parse({ clusters, loadBalancer: "none", ...more });
const engine = (networks: Readonly<Record<string, string>>, pools: readonly string[] = []): EngineNetworks => ({
  networks: Object.entries(networks).map(([name, subnet]) => ({ name, subnets: [parseSubnet(subnet)] })),
  pools: pools.map(parseSubnet),
});

/** A state with the stack's kind clusters as the settings have them. */
function stateOf({ clusters }: Settings): StackState {
  return new Map(
    clusters.map((cluster) => {
      const made = cluster as MadeCluster;
      const environment = { NAME: cluster.name, IDENTITY: identityOf(made) };
      const stdin =
        made.provisioner === "kind" ? JSON.stringify(kindConfiguration(made, "/mark")) : "kind: Kwok\n---\n";
      return [resourceKey("command:local:Command", namePrefixOf(cluster)), { environment, stdin }];
    }),
  );
}

const podSubnets = ({ clusters }: Settings) => clusters.map(({ podSubnet }) => podSubnet);
const update = (settings: Settings, state: StackState, networks: EngineNetworks) =>
  planSubnets(settings, state, networks, "update");
const messages = ({ problems }: ReturnType<typeof update>) =>
  problems.map(({ severity, message }) => `${severity}: ${message}`);

describe("subnets of new kind clusters", () => {
  it("are those of the address plan, where the engine has none of them", () => {
    const settings = stack([kind("a"), kind("b"), kwok("c")]);
    const { value, problems } = update(settings, new Map(), engine({ bridge: "172.17.0.0/16", kind: "172.18.0.0/16" }));
    expect([value, problems]).toEqual([settings, []]);
  });

  it("evade the engine's networks, which is said", () => {
    const result = update(
      stack([kind("a"), kind("b")]),
      new Map(),
      engine({ corp: "10.10.4.0/22", vpn: "10.255.20.128/25" }),
    );
    expect(result.value.clusters.map(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet])).toEqual([
      ["10.1.0.0/16", "10.255.10.0/24"],
      ["10.20.0.0/16", "10.255.1.0/24"],
    ]);
    expect(messages(result)).toEqual([
      "information: Cluster a gets podSubnet 10.1.0.0/16: 10.10.0.0/16, which the address plan has for it, overlaps container network " +
        "corp (10.10.4.0/22) of this machine.",
      "information: Cluster b gets serviceSubnet 10.255.1.0/24: 10.255.20.0/24, which the address plan has for it, overlaps container " +
        "network vpn (10.255.20.128/25) of this machine.",
    ]);
  });

  it("evade what the engine takes its networks from, if there is anything else", () => {
    const settings = stack([kind("a")]);
    expect(podSubnets(update(settings, new Map(), engine({}, ["10.10.0.0/16"])).value)).toEqual(["10.1.0.0/16"]);
    const everything = engine({ kind: "10.10.0.0/24" }, ["10.0.0.0/8"]);
    expect(podSubnets(update(settings, new Map(), everything).value)).toEqual(["10.1.0.0/16"]);
  });

  it("that are given and collide are refused with the network's name", () => {
    const settings = stack([kind("a", { podSubnet: "10.40.0.0/16" })]);
    const networks = engine({ "corp\u001b[31m": "10.40.8.0/24" });
    const message =
      "Cluster a can't have podSubnet 10.40.0.0/16 on this machine: it overlaps container network corp\\x1b[31m (10.40.8.0/24). Give it " +
      "another podSubnet, leave the key out to have one planned, or remove that network if nothing uses it.";
    expect(messages(update(settings, new Map(), networks))).toEqual([`error: ${message}`]);
    // The preview may run elsewhere.
    expect(planSubnets(settings, new Map(), networks, "preview").problems).toEqual([{ severity: "warning", message }]);
  });

  it("are refused where the pool has none that the engine has not", () => {
    const settings = stack([kind("a")], { addressPool: "10.10.0.0/18" });
    expect(messages(update(settings, new Map(), engine({ corp: "10.10.0.0/16" })))[0]).toMatch(
      /^error: Cluster a can't have podSubnet .* No subnet of the addressPool is free: set a larger one/,
    );
  });

  it("need no look at the machine where all clusters are in the state, or none is kind's", () => {
    const settings = stack([kind("a")]);
    expect(needsNetworks(settings, new Map())).toBe(true);
    expect(needsNetworks(settings, stateOf(settings))).toBe(false);
    expect(needsNetworks(stack([kwok("a")]), new Map())).toBe(false);
  });
});

describe("subnets of clusters in the state", () => {
  it("stay whatever networks come, and on machines that have others", () => {
    const settings = stack([kind("a"), kind("b")]);
    const chosen = update(settings, new Map(), engine({ corp: "10.10.0.0/16" })).value;
    expect(podSubnets(chosen)).toEqual(["10.1.0.0/16", "10.20.0.0/16"]);
    for (const networks of [noNetworks, engine({ other: "10.1.0.0/16", more: "10.20.0.0/16" })]) {
      expect(update(settings, stateOf(chosen), networks)).toEqual({ value: chosen, problems: [] });
    }
  });

  it("stay where other clusters come before them, or leave", () => {
    const state = stateOf(stack([kind("a"), kind("b")]));
    expect(podSubnets(update(stack([kind("new"), kind("a"), kind("b")]), state, noNetworks).value)).toEqual([
      "10.1.0.0/16",
      "10.10.0.0/16",
      "10.20.0.0/16",
    ]);
    expect(podSubnets(update(stack([kind("b")]), state, noNetworks).value)).toEqual(["10.20.0.0/16"]);
  });

  it("change with the settings: another pool, a given subnet, or one that somebody else is given", () => {
    const state = stateOf(stack([kind("a"), kind("b")]));
    const subnets = (...settings: Parameters<typeof stack>) =>
      podSubnets(update(stack(...settings), state, noNetworks).value);
    expect(subnets([kind("b")], { addressPool: "10.64.0.0/12" })).toEqual(["10.64.160.0/20"]);
    expect(subnets([kind("b", { podSubnet: "10.99.0.0/16" })])).toEqual(["10.99.0.0/16"]);
    expect(subnets([kind("b"), kind("c", { podSubnet: "10.20.0.0/16" })])).toEqual(["10.10.0.0/16", "10.20.0.0/16"]);
  });

  it("change with whatever else makes it another cluster", () => {
    const state = stateOf(stack([kind("a"), kind("b")]));
    expect(podSubnets(update(stack([kind("b", { workers: 2 })]), state, noNetworks).value)).toEqual(["10.10.0.0/16"]);
  });
});
