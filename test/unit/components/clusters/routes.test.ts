import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Node, parseNodes, unclearNodes } from "../../../../components/clusters/nodes";
import { type Reachable, routesFor } from "../../../../components/clusters/routes";

const node = (name: string, role: Node["role"], address: string, podSubnet: string): Node => ({
  name,
  role,
  address,
  podSubnet,
  startedAt: "2026-01-01T00:00:00Z",
});

const one: Reachable = {
  nodes: [node("one-control-plane", "control-plane", "172.18.0.2", "10.10.0.0/24")],
  serviceSubnet: "10.255.10.0/24",
};
const two: Reachable = {
  nodes: [
    node("two-control-plane", "control-plane", "172.18.0.3", "10.20.0.0/24"),
    node("two-worker", "worker", "172.18.0.4", "10.20.1.0/24"),
  ],
  serviceSubnet: "10.255.20.0/24",
};
const three: Reachable = {
  nodes: [
    node("three-control-plane", "control-plane", "172.18.0.5", "10.30.0.0/24"),
    node("three-control-plane2", "control-plane", "172.18.0.6", "10.30.1.0/24"),
    node("three-worker", "worker", "172.18.0.7", "10.30.2.0/24"),
  ],
  serviceSubnet: "10.255.30.0/24",
};

describe("the routes of a cluster", () => {
  it("lead from every node to every node of the others, and to their service subnets by the first control plane", () => {
    const lines = (cluster: Reachable, others: readonly Reachable[]) =>
      routesFor(cluster, others).map(({ node, destination, via }) => `${node}: ${destination} by ${via}`);
    expect(lines(one, [two, three])).toEqual([
      "one-control-plane: 10.20.0.0/24 by 172.18.0.3",
      "one-control-plane: 10.20.1.0/24 by 172.18.0.4",
      "one-control-plane: 10.255.20.0/24 by 172.18.0.3",
      "one-control-plane: 10.30.0.0/24 by 172.18.0.5",
      "one-control-plane: 10.30.1.0/24 by 172.18.0.6",
      "one-control-plane: 10.30.2.0/24 by 172.18.0.7",
      "one-control-plane: 10.255.30.0/24 by 172.18.0.5",
    ]);
    expect(lines(two, [one])).toEqual([
      "two-control-plane: 10.10.0.0/24 by 172.18.0.2",
      "two-control-plane: 10.255.10.0/24 by 172.18.0.2",
      "two-worker: 10.10.0.0/24 by 172.18.0.2",
      "two-worker: 10.255.10.0/24 by 172.18.0.2",
    ]);
  });

  it("are none for a cluster alone, and for one whose nodes are not up", () => {
    expect(routesFor(one, [])).toEqual([]);
    expect(routesFor({ ...one, nodes: [] }, [two])).toEqual([]);
    expect(routesFor(one, [{ ...two, nodes: [] }])).toEqual([]);
  });

  it("are as many as there are nodes here times nodes and service subnets there, none of them twice or to itself", () => {
    const counts = fc.array(fc.record({ controlPlanes: fc.integer({ min: 1, max: 3 }), workers: fc.nat(4) }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(counts, (sizes) => {
        const [cluster, ...others] = sizes.map(reachable);
        if (cluster === undefined) {
          return;
        }
        const routes = routesFor(cluster, others);
        const there = others.reduce((sum, { nodes }) => sum + nodes.length + 1, 0);
        expect(routes).toHaveLength(cluster.nodes.length * there);
        expect(new Set(routes.map(({ node, destination }) => `${node} ${destination}`)).size).toBe(routes.length);
        const own = new Set(cluster.nodes.map(({ address }) => address));
        expect(routes.filter(({ via }) => own.has(via))).toEqual([]);
      }),
    );
  });
});

describe("what nodes.sh prints", () => {
  it("is read a node a line", () => {
    const text =
      "a-control-plane control-plane 172.18.0.2 10.10.0.0/24 2026-01-01T00:00:00Z\n" +
      "a-worker worker 172.18.0.3 10.10.1.0/24 2026-01-01T00:00:01Z\n";
    expect(parseNodes(text, "10.10.0.0/16")).toEqual([
      {
        name: "a-control-plane",
        role: "control-plane",
        address: "172.18.0.2",
        podSubnet: "10.10.0.0/24",
        startedAt: "2026-01-01T00:00:00Z",
      },
      {
        name: "a-worker",
        role: "worker",
        address: "172.18.0.3",
        podSubnet: "10.10.1.0/24",
        startedAt: "2026-01-01T00:00:01Z",
      },
    ]);
  });

  it.each([
    ["nothing at all", ""],
    ["a node without a pod subnet yet", "a-control-plane control-plane 172.18.0.2  2026-01-01T00:00:00Z\n"],
    ["a node without an address", "a-control-plane control-plane  10.10.0.0/24 2026-01-01T00:00:00Z\n"],
    ["a subnet beyond its cluster's", "a-worker worker 172.18.0.2 128.0.0.0/1 2026-01-01T00:00:00Z\n"],
    ["a subnet of another cluster", "a-worker worker 172.18.0.2 10.20.0.0/24 2026-01-01T00:00:00Z\n"],
    ["a subnet that is none", "a-worker worker 172.18.0.2 --help 2026-01-01T00:00:00Z\n"],
    ["an address that is none", "a-worker worker $(id) 10.10.0.0/24 2026-01-01T00:00:00Z\n"],
    ["a name that is none", "--all worker 172.18.0.2 10.10.0.0/24 2026-01-01T00:00:00Z\n"],
    ["a container of another role", "a-lb external-load-balancer 172.18.0.2 10.10.0.0/24 2026-01-01T00:00:00Z\n"],
  ])("leaves out %s", (_, text) => {
    expect(parseNodes(text, "10.10.0.0/16")).toEqual([]);
  });

  it("names the nodes that run, and that it does not know enough of", () => {
    const text =
      "a-control-plane control-plane 172.18.0.2 10.10.0.0/24 2026-01-01T00:00:00Z\n" +
      "a-worker worker\n" +
      "a-worker2 worker 172.18.0.3  2026-01-01T00:00:01Z\n" +
      "a-worker3 worker  10.10.3.0/24 2026-01-01T00:00:01Z\n";
    expect(unclearNodes(text, "10.10.0.0/16")).toEqual(["a-worker2", "a-worker3"]);
    expect(unclearNodes("", "10.10.0.0/16")).toEqual([]);
  });
});

/** The nth cluster of a flat network. */
function reachable({ controlPlanes, workers }: { controlPlanes: number; workers: number }, index: number): Reachable {
  const roles = [
    ...Array<"control-plane">(controlPlanes).fill("control-plane"),
    ...Array<"worker">(workers).fill("worker"),
  ];
  const n = String(index);
  return {
    nodes: roles.map((role, node) => ({
      name: `c${n}-${String(node)}`,
      role,
      address: `172.18.${n}.${String(node)}`,
      podSubnet: `10.${n}.${String(node)}.0/24`,
      startedAt: "now",
    })),
    serviceSubnet: `10.255.${n}.0/24`,
  };
}
