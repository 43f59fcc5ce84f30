import { describe, expect, it } from "vitest";
import { FlatNetwork, type FlatNetworkArgs, kindClustersOf } from "../../../../components/clusters";
import { existing, kind, kwok, parse } from "../../settings/config";
import { type Inputs, type Recorded, type World, kubeconfigText, run } from "../mocks";
import { clustersOf, plannedClusters } from "../preflight";

const nodes = {
  a: "a-control-plane control-plane 172.18.0.2 10.10.0.0/24 t1\na-worker worker 172.18.0.3 10.10.1.0/24 t2\n",
  b: "b-control-plane control-plane 172.18.0.4 10.20.0.0/24 t3\n",
};
const owner = "0123456789abcdef";
const neighbour = {
  name: "c",
  machineName: "c",
  owner: "2222bbbb2222bbbb",
  podSubnet: "10.30.0.0/16",
  serviceSubnet: "10.255.30.0/24",
};
const two = [kind("a", { workers: 1 }), kind("b")];

describe("the flat network", () => {
  it("has routes on every node of a kind cluster to every other", async () => {
    const { all } = await network(two, { nodes });
    expect(routes(all("Command"))).toEqual([
      {
        NODES: "a-control-plane a-worker",
        STARTED: "t1 t2",
        stdin:
          "a-control-plane 10.20.0.0/24 172.18.0.4 b-control-plane\na-control-plane 10.255.20.0/24 172.18.0.4 b-control-plane\n" +
          "a-worker 10.20.0.0/24 172.18.0.4 b-control-plane\na-worker 10.255.20.0/24 172.18.0.4 b-control-plane\n",
      },
      {
        NODES: "b-control-plane",
        STARTED: "t3",
        stdin:
          "b-control-plane 10.10.0.0/24 172.18.0.2 a-control-plane\nb-control-plane 10.10.1.0/24 172.18.0.3 a-worker\n" +
          "b-control-plane 10.255.10.0/24 172.18.0.2 a-control-plane\n",
      },
    ]);
  });

  it("looks at the nodes once a cluster, by the name that the machine knows it by", async () => {
    const { calls } = await network(two, { nodes }, { uniqueNames: true });
    expect(calls.map(({ token, inputs }) => [token, inputs["environment"]])).toEqual([
      ["command:local:run", expect.objectContaining({ NAME: "a-abc123", OWNER: owner })],
      ["command:local:run", expect.objectContaining({ NAME: "b-abc123", OWNER: owner })],
    ]);
  });

  it("changes with the start of a node, whose routes are gone then", async () => {
    const restarted = { ...nodes, b: nodes.b.replace("t3", "t4") };
    const [a, b] = routes((await network(two, { nodes })).all("Command"));
    const [afterA, afterB] = routes((await network(two, { nodes: restarted })).all("Command"));
    expect(afterA).toEqual(a);
    expect(afterB).toEqual({ ...b, STARTED: "t4" });
  });

  it("has no node to look at in a first preview, and a plan for it all the same", async () => {
    const { all, calls } = await network(two, { nodes, preview: true });
    expect(calls).toEqual([]);
    const unknown = { NODES: undefined, STARTED: undefined, stdin: undefined };
    expect(routes(all("Command"))).toEqual([unknown, unknown]);
  });

  it("has routes to the clusters of peer stacks, where they are on this machine", async () => {
    const here = { ...neighbour, machineName: "c-xyz" };
    const elsewhere = {
      ...neighbour,
      name: "d",
      machineName: "d",
      podSubnet: "10.40.0.0/16",
      serviceSubnet: "10.255.40.0/24",
    };
    const { all } = await network(
      [kind("a", { workers: 1 })],
      { nodes },
      {},
      {
        neighbours: [here, elsewhere],
        neighbourNodes: { c: nodes.b.replace("10.20.", "10.30.") },
      },
    );
    expect(routes(all("Command"))).toMatchObject([
      {
        stdin:
          "a-control-plane 10.30.0.0/24 172.18.0.4 b-control-plane\na-control-plane 10.255.30.0/24 172.18.0.4 b-control-plane\n" +
          "a-worker 10.30.0.0/24 172.18.0.4 b-control-plane\na-worker 10.255.30.0/24 172.18.0.4 b-control-plane\n",
      },
    ]);
  });

  it("has no route to what a node of a peer stack says beyond the subnet of its cluster", async () => {
    const known = { neighbours: [neighbour], neighbourNodes: { c: nodes.b } };
    const { all } = await network([kind("a")], { nodes }, {}, known);
    expect(routes(all("Command"))).toMatchObject([{ stdin: "" }]);
  });

  it("looks up no node of a cluster whose nodes are known", async () => {
    const [a] = plannedClusters(parse({ clusters: two }));
    const { all, calls } = await network(two, { nodes }, {}, { nodes: { [a?.namePrefix ?? ""]: nodes.a } });
    expect(calls.map(({ inputs }) => (inputs["environment"] as Inputs)["NAME"])).toEqual(["b"]);
    expect(routes(all("Command"))).toEqual(routes((await network(two, { nodes })).all("Command")));
  });

  it("is nobody's business but kind's", async () => {
    const found = existing("c", { kubeconfig: kubeconfigText("c") });
    const { all, calls } = await network([kwok("a"), kwok("b"), found]);
    expect([routes(all("Command")), calls]).toEqual([[], []]);
  });
});

function network(
  clusters: readonly object[],
  world?: World,
  settings: object = {},
  known: Partial<FlatNetworkArgs> = {},
) {
  return run(() => {
    const given = parse({ clusters, ...settings });
    const nothing = { neighbours: [], nodes: {}, neighbourNodes: {}, keepRoutes: false };
    return new FlatNetwork(given.network, { clusters: kindClustersOf(clustersOf(given)), ...nothing, ...known });
  }, world);
}

/** What the scripts of the routes are told, by cluster in order of their names. */
function routes(commands: readonly Recorded[]): Record<string, unknown>[] {
  return commands
    .filter(({ name }) => name.endsWith("-routes"))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ inputs }) => {
      const { NODES, STARTED } = inputs["environment"] as Inputs;
      return { NODES, STARTED, stdin: inputs["stdin"] };
    });
}
