import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  parseImages,
  parseNetworks,
  parseNodes,
  stoppedNodes,
  unclearNodes,
} from "../../../../../components/clusters/nodes";
import { Machine } from "./machine";

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  const leftovers = machine.leftovers();
  machine.remove();
  expect(leftovers).toEqual([]);
});

const silent = { status: 0, stdout: "", stderr: "" };
const owner = "1111aaaa1111aaaa";
const nodes = {
  OWNER: owner,
  NODES: "a-control-plane a-worker",
  POD_SUBNET: "10.10.0.0/16",
  NODE_NETWORK: "# for the node\n",
};
const wanted = [
  "a-control-plane 10.20.0.0/24 172.18.0.3 b-control-plane",
  "a-control-plane 10.255.20.0/24 172.18.0.3 b-control-plane",
  "a-worker 10.20.0.0/24 172.18.0.3 b-control-plane",
];

const make = (lines: readonly string[]) => machine.run("routes.sh", nodes, lines.map((line) => `${line}\n`).join(""));
const routesOf = (node: string) => (machine.read("world", "routes", node) ?? "").split("\n").filter(Boolean);
const route = (destination: string, hop: string) => `${destination} via ${hop} dev eth0 proto 186`;

describe("routes.sh", () => {
  beforeEach(cluster);

  it("makes the routes on every node", async () => {
    expect(await make(wanted)).toEqual(silent);
    expect(routesOf("a-control-plane")).toEqual([
      route("10.20.0.0/24", "172.18.0.3"),
      route("10.255.20.0/24", "172.18.0.3"),
    ]);
    expect(routesOf("a-worker")).toEqual([route("10.20.0.0/24", "172.18.0.3")]);
  });

  it("gives every node what keeps the addresses of its pods, with the cluster's subnet and the node's own routes", async () => {
    await make(wanted);
    expect(machine.read("world", "node-network-a-worker")).toBe("# for the node\n");
    expect(machine.read("world", "exempt-a-worker")).toBe("10.10.0.0/16\n10.20.0.0/24 172.18.0.3 b-control-plane\n");
    expect(machine.read("world", "exempt-a-control-plane")).toBe(
      "10.10.0.0/16\n10.20.0.0/24 172.18.0.3 b-control-plane\n10.255.20.0/24 172.18.0.3 b-control-plane\n",
    );
  });

  it("changes nothing when it runs again", async () => {
    await make(wanted);
    const before = routesOf("a-control-plane");
    machine.calls();
    expect(await make(wanted)).toEqual(silent);
    expect(routesOf("a-control-plane")).toEqual(before);
    expect(machine.calls().filter((call) => call.includes(" del "))).toEqual([]);
  });

  it("replaces a route whose next hop has another address now", async () => {
    await make(wanted);
    expect(await make(wanted.map((line) => line.replace("172.18.0.3", "172.18.0.9")))).toEqual(silent);
    expect(routesOf("a-worker")).toEqual([route("10.20.0.0/24", "172.18.0.9")]);
  });

  it("takes away its own routes that are wanted no more, and nobody else's", async () => {
    await make(wanted);
    const foreign = "10.99.0.0/16 via 172.18.0.8 dev eth0 proto static";
    machine.say("routes/a-worker", `${foreign}\n${route("10.20.0.0/24", "172.18.0.3")}\n`);
    expect(await make(wanted.slice(0, 1))).toEqual(silent);
    expect(routesOf("a-control-plane")).toEqual([route("10.20.0.0/24", "172.18.0.3")]);
    expect(routesOf("a-worker")).toEqual([foreign]);
  });

  it("keeps a destination of one node that is stale on another", async () => {
    await make(wanted);
    expect(await make(wanted.slice(1))).toEqual(silent);
    expect(routesOf("a-control-plane")).toEqual([route("10.255.20.0/24", "172.18.0.3")]);
    expect(routesOf("a-worker")).toEqual([route("10.20.0.0/24", "172.18.0.3")]);
  });

  it("makes no route on a node that is another owner's by now", async () => {
    machine.say("kind/a/mounts", "/flatmesh/2222bbbb2222bbbb/11111111\n");
    expect(await make(wanted)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("is not of a cluster that this stack has made") as string,
    });
    expect(routesOf("a-worker")).toEqual([]);
    expect(machine.has("world", "exempt-a-worker")).toBe(false);
  });

  it("fails where a node can't be reached", async () => {
    machine.say("engine-off");
    expect((await make(wanted)).status).not.toBe(0);
  });
});

describe("routes-remove.sh", () => {
  beforeEach(cluster);

  it("takes away this program's routes from the nodes that run, and nobody else's", async () => {
    await make(wanted);
    machine.say("routes/a-worker", "10.99.0.0/16 via 172.18.0.8 dev eth0 proto static\n");
    machine.say("stopped/a-control-plane");
    machine.calls();
    expect(await machine.run("routes-remove.sh", nodes)).toEqual(silent);
    expect(routesOf("a-worker")).toHaveLength(1);
    expect(machine.calls().filter((call) => call.includes("exec"))).toEqual([
      expect.stringMatching(/^docker exec a-worker sh -c .* remove$/),
      "docker exec a-worker ip route flush proto 186",
    ]);
    expect([machine.has("world", "exempt-a-worker"), machine.has("world", "exempt-a-control-plane")]).toEqual([
      false,
      true,
    ]);
    machine.unsay("stopped/a-control-plane");
    await machine.run("routes-remove.sh", nodes);
    expect(routesOf("a-control-plane")).toEqual([]);
  });

  it("leaves the routes of another owner's nodes alone, which have the same names by now", async () => {
    await make(wanted);
    machine.say("kind/a/mounts", "/flatmesh/2222bbbb2222bbbb/11111111\n");
    expect(await machine.run("routes-remove.sh", nodes)).toEqual(silent);
    expect(routesOf("a-worker")).toHaveLength(1);
    expect(machine.has("world", "exempt-a-worker")).toBe(true);
  });

  it("has nothing to do where the nodes, or the engine, are gone", async () => {
    machine.say("engine-off");
    expect(await machine.run("routes-remove.sh", nodes)).toEqual(silent);
    machine.uninstall("docker");
    expect((await machine.run("routes-remove.sh", nodes)).status).toBe(0);
  });
});

describe("nodes.sh", () => {
  const print = (environment = owner) => machine.run("nodes.sh", { NAME: "a", OWNER: environment });

  it("prints what the program reads: every node with its role, address, pod subnet and start", async () => {
    cluster();
    const { status, stdout } = await print();
    expect(status).toBe(0);
    expect(parseNodes(stdout, "10.10.0.0/16")).toEqual([
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

  it("prints the routes of this program on each node, and whether its rules are intact", async () => {
    cluster();
    const absent = (await print()).stdout;
    expect(parseNetworks(absent)).toEqual(
      new Map([
        ["a-control-plane", { routes: [], rules: "absent" }],
        ["a-worker", { routes: [], rules: "absent" }],
      ]),
    );
    await make(wanted);
    machine.say("rules/a-worker", "rules changed\n");
    expect(parseNetworks((await print()).stdout)).toEqual(
      new Map([
        ["a-control-plane", { routes: ["10.20.0.0/24 172.18.0.3", "10.255.20.0/24 172.18.0.3"], rules: "intact" }],
        ["a-worker", { routes: ["10.20.0.0/24 172.18.0.3"], rules: "changed" }],
      ]),
    );
    expect(parseNodes((await print()).stdout, "10.10.0.0/16")).toHaveLength(2);
    expect(unclearNodes((await print()).stdout, "10.10.0.0/16")).toEqual([]);
  });

  it("prints the images of each node where they are asked for, and that these are all", async () => {
    cluster();
    const digest = `sha256:${"0".repeat(64)}`;
    machine.say(
      "images-in-a-worker",
      `REF TYPE DIGEST\nhub.test/pilot:1 application/x ${digest}\nof$(a)#shell application/x ${digest}\n`,
    );
    const withImages = { NAME: "a", OWNER: owner, WITH_IMAGES: "yes" };
    const { status, stdout } = await machine.run("nodes.sh", withImages);
    expect(status).toBe(0);
    expect(parseImages(stdout)).toEqual(new Map([["a-worker", new Map([["hub.test/pilot:1", digest]])]]));
    expect(parseNodes(stdout, "10.10.0.0/16")).toHaveLength(2);
    expect(parseImages((await print()).stdout)).toEqual(new Map());
  });

  it("asks no API server, which may not answer yet after a restart", async () => {
    cluster();
    await print();
    expect(machine.calls().filter((call) => call.includes("kubectl"))).toEqual([]);
  });

  it("names the nodes that do not run", async () => {
    cluster();
    machine.say("containers/a-worker", '/a-worker worker false  "2026-01-01T00:00:01Z"\n');
    const { stdout } = await print();
    expect([parseNodes(stdout, "10.10.0.0/16").map(({ name }) => name), stoppedNodes(stdout)]).toEqual([
      ["a-control-plane"],
      ["a-worker"],
    ]);
  });

  it("prints nothing of another owner's cluster of that name", async () => {
    cluster();
    expect(await print("2222bbbb2222bbbb")).toEqual(silent);
    machine.say("kind/a/mounts", "/var\n");
    expect(await print()).toEqual(silent);
  });

  it("prints the clusters of a stack that version 0.1 has deployed by the names of project and stack, until they are claimed", async () => {
    cluster();
    machine.say("kind/a/mounts", "/flatmesh/flatmesh/dev/11111111\n");
    expect(parseNodes((await print("flatmesh/dev")).stdout, "10.10.0.0/16")).toHaveLength(2);
    expect((await print("flatmesh/de")).stdout).toBe("");
    ["a-control-plane", "a-worker"].forEach((node) => {
      machine.say(`claims/${node}`, owner);
    });
    expect((await print("flatmesh/dev")).stdout).toBe("");
    expect(parseNodes((await print()).stdout, "10.10.0.0/16")).toHaveLength(2);
  });

  it.each([
    ["a line of its own", "10.10.1.0/24\nb-worker worker 172.18.0.9 10.20.0.0/24 t\n"],
    ["words of its own", "10.10.1.0/24 t\n"],
    ["half of the Internet", "128.0.0.0/1\n"],
    ["another cluster's subnet", "10.20.0.0/24\n"],
    ["control characters", "\u001b[2J10.10.1.0/24\n"],
    ["no end", "1".repeat(100_000)],
  ])("takes nothing from a node that says %s for its pods' subnet but its own node", async (_, said) => {
    cluster();
    machine.say("subnets/a-worker", said);
    const { stdout } = await print();
    const read = parseNodes(stdout, "10.10.0.0/16");
    expect(read.every(({ name, podSubnet }) => /^a-/.test(name) && podSubnet.startsWith("10.10."))).toBe(true);
    expect(stdout.length).toBeLessThan(1000);

    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|b-worker/);
  });

  it("prints nothing where the cluster, or the engine, is not there", async () => {
    expect(await print()).toEqual(silent);
    machine.say("engine-off");
    expect(await print()).toEqual(silent);
    machine.uninstall("docker");
    expect(await print()).toEqual(silent);
  });
});

/** A kind cluster of two nodes, and the load balancer that kind puts before several control planes. */
function cluster(): void {
  const names = ["a-worker", "a-external-load-balancer", "a-control-plane"];
  machine.folder("world", "kind", "a");
  machine.say("kind/a/nodes", names.map((name) => `${name}\n`).join(""));
  machine.say("kind/a/mounts", `/var\n/flatmesh/${owner}/11111111\n`);
  machine.say("containers/a-control-plane", '/a-control-plane control-plane true 172.18.0.2 "2026-01-01T00:00:00Z"\n');
  machine.say("containers/a-worker", '/a-worker worker true 172.18.0.3 "2026-01-01T00:00:01Z"\n');
  machine.say(
    "containers/a-external-load-balancer",
    '/a-external-load-balancer external-load-balancer true 172.18.0.4 "2026-01-01T00:00:02Z"\n',
  );
  machine.say("subnets/a-control-plane", "10.10.0.0/24");
  machine.say("subnets/a-worker", "10.10.1.0/24");
}
