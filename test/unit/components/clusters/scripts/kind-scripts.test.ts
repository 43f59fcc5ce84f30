import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kindConfiguration, ownershipMark } from "../../../../../components/clusters/kind";
import { base64 } from "../../mocks";
import { kindSettings } from "../settings";
import { Machine, type Outcome, until } from "./machine";

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  const leftovers = machine.leftovers();
  machine.remove();
  expect(leftovers).toEqual([]);
});

const mine = { NAME: "a", OWNER: "1111aaaa1111aaaa", IDENTITY: "11111111" };
const done: Outcome = { status: 0, stdout: "kubeconfig of a\n", stderr: "" };
const creation =
  "kind create cluster --name a --config <temporary>/configuration --kubeconfig <temporary>/kubeconfig --wait 5m";
const deletion = "kind delete cluster --name a --kubeconfig <temporary>/none";
const completion = "docker exec a-control-plane touch /kind/flatmesh-complete";
const removal = (...containers: string[]) => `docker rm --force --volumes ${containers.join(" ")}`;

const create = (environment = mine) => machine.run("kind-create.sh", environment, configuration(environment));
const remove = (environment = mine) => machine.run("kind-delete.sh", environment);
const changes = () => machine.calls().filter((call) => /^kind (create|delete)|^docker rm|touch/.test(call));

describe("kind-create.sh", () => {
  it("makes a cluster from its input, marks it as complete and prints its kubeconfig and nothing else", async () => {
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([creation, completion]);
    expect(machine.read("world", "kind", "a", "configuration")).toBe(configuration(mine));
  });

  it("keeps a finished cluster of the same identity", async () => {
    await create();
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([]);
  });

  it("makes a half-made cluster again", async () => {
    await create();
    machine.unsay("kind/a/complete/a-control-plane");
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([deletion, creation, completion]);
  });

  it("replaces a cluster of its owner with another identity", async () => {
    await create();
    machine.calls();
    expect(await create({ ...mine, IDENTITY: "22222222" })).toEqual(done);
    expect(changes()).toEqual([deletion, creation, completion]);
    expect(machine.read("world", "kind", "a", "mounts")).toContain("/flatmesh/1111aaaa1111aaaa/22222222\n");
  });

  it.each([
    ["another stack", "2222bbbb2222bbbb"],
    ["a stack whose identifier starts alike", "1111aaaa1111aaaa0"],
    ["a stack whose identifier ends alike", "01111aaaa1111aaaa"],
  ])("refuses a cluster of %s", async (_, owner) => {
    await create({ ...mine, OWNER: owner });
    await expectRefusal();
  });

  it("refuses a cluster that a person has made", async () => {
    await create();
    machine.say("kind/a/mounts", "/var\n/lib/modules\n");
    await expectRefusal();
  });

  it("cleans up after a creation that fails, and the next one succeeds", async () => {
    machine.say("create-fails");
    const { status, stdout, stderr } = await create();
    expect([status, stdout, stderr]).toEqual([1, "", "ERROR: failed to create cluster: could not pull the image\n"]);
    expect(changes()).toEqual([creation, deletion]);
    expect(machine.has("world", "kind", "a")).toBe(false);
    machine.unsay("create-fails");
    expect(await create()).toEqual(done);
  });

  it("cleans up after a creation that is interrupted", async () => {
    machine.say("create-takes-time");
    const { process, outcome } = machine.start("kind-create.sh", mine, configuration(mine));
    await until(() => machine.has("world", "kind", "a", "mounts"));
    process.kill("SIGTERM");
    expect((await outcome).status).toBe(143);
    expect(changes()).toEqual([creation, deletion]);
  });

  it("marks every node but kind's own load balancer", async () => {
    machine.say("nodes", "control-plane\ncontrol-plane2\nexternal-load-balancer\nworker\n");
    expect(await create()).toEqual(done);
    const marked = changes().filter((call) => call.includes("flatmesh-complete"));
    // The one that is asked later comes last.
    expect(marked.map((call) => call.split(" ")[2])).toEqual(["a-worker", "a-control-plane2", "a-control-plane"]);
  });

  it.each([
    ["several control planes without workers", "control-plane\ncontrol-plane2\nexternal-load-balancer\n", 2],
    ["several control planes with workers", "control-plane\ncontrol-plane2\nexternal-load-balancer\nworker\n", 0],
    ["one control plane, where kind does so itself", "control-plane\n", 0],
  ])("has pods and load balancers on control planes where no other node can: %s", async (_, nodes, expected) => {
    machine.say("nodes", nodes);
    expect(await create()).toEqual(done);
    const freed = machine.calls().filter((call) => / (taint|label) nodes /.test(call));
    expect(freed.map((call) => call.replace(/.*admin\.conf /, ""))).toEqual(
      [
        "taint nodes --all node-role.kubernetes.io/control-plane-",
        "label nodes --all node.kubernetes.io/exclude-from-external-load-balancers-",
      ].slice(0, expected),
    );
  });

  it("takes along the load balancers of a cluster that it replaces, and has new ones made with new credentials", async () => {
    machine.say("owners/balancers", "1111aaaa1111aaaa\n");
    machine.say("owners/balancers-of-others", "2222bbbb2222bbbb\n");
    await create();
    machine.say("balancers-of-a", "kindccm-1\n");
    machine.calls();
    expect(await create({ ...mine, IDENTITY: "22222222" })).toEqual(done);
    const calls = machine
      .calls()
      .filter((call) => /^docker (rm|kill|start|restart|stop)|^kind (create|delete)/.test(call));
    expect(calls).toEqual([
      deletion,
      removal("kindccm-1"),
      creation,
      // Ended by a signal that it can hear, it would delete the load balancers of every cluster.
      "docker kill balancers",
      "docker start balancers",
    ]);
  });

  it("says which container does not start again", async () => {
    machine.say("owners/balancers", "1111aaaa1111aaaa\n");
    machine.say("start-fails");
    const { status, stderr } = await create();
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(
        "kind cluster a: container balancers, which gives load balancers their addresses, can't be",
      ),
    ]);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it("removes what is left of a cluster whose nodes were removed by hand", async () => {
    machine.say("nodes", "control-plane\ncontrol-plane2\nexternal-load-balancer\n");
    await create();
    machine.say("kind/a/nodes", "a-external-load-balancer\n");
    machine.say("balancers-of-a", "kindccm-1\n");
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes().slice(0, 3)).toEqual([removal("a-external-load-balancer"), removal("kindccm-1"), creation]);
  });

  it("waits for all nodes, since kind waits for its control planes only", async () => {
    machine.say("never-ready");
    const { status, stderr } = await create();
    expect([status, stderr]).toEqual([1, "kind cluster a: its nodes did not become ready within 5 minutes\n"]);
    expect(changes()).toEqual([creation, deletion]);
  });

  it("writes down every node's pod subnet, for routes to be made without the API server", async () => {
    machine.say("nodes", "control-plane\nworker\n");
    expect(await create()).toEqual(done);
    expect(machine.read("world", "subnets", "a-worker")).toBe("10.10.0.0/24\n");
  });

  it("says which node has no pod subnet, and leaves no half-made cluster", async () => {
    machine.say("no-subnets");
    const { status, stderr } = await create();
    expect([status, stderr]).toEqual([
      1,
      "kind cluster a: node a-control-plane has no IPv4 subnet for its pods: see the logs of its kube-controller-manager\n",
    ]);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it.each([
    ["a command", "10.10.0.0/24; touch /kind/pwned\n"],
    ["lines of its own", "10.10.0.0/24\nb-control-plane control-plane 172.18.0.9 10.20.0.0/24 t\n"],
    ["an option", "--kubeconfig=/root/.kube/config\n"],
    ["an IPv6 subnet", "fd00:10:244::/64\n"],
  ])("takes no %s for a node's pod subnet", async (_, answer) => {
    machine.say("pod-cidr", answer);
    const { status, stderr } = await create();
    // Of several lines the first one would do; no more than that is ever written.
    expect(machine.read("world", "subnets", "a-control-plane") ?? "").not.toMatch(/;|--|b-control/);
    expect([status, stderr.includes("has no IPv4 subnet for its pods")]).toEqual([1, true]);
  });

  it("uses the engine that kind is told to use", async () => {
    machine.install("docker", "podman");
    machine.uninstall("docker");
    expect(
      await machine.run("kind-create.sh", { ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" }, configuration(mine)),
    ).toEqual(done);
    expect(machine.calls()).toContain("podman exec a-control-plane touch /kind/flatmesh-complete");
  });

  it("takes the volumes along that kind gives nodes with podman, which do not go with their containers", async () => {
    const environment = { ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" };
    const removals = () => machine.calls().filter((call) => / rm /.test(call));
    const gone = ["podman rm --force --volumes a-control-plane", "podman volume rm volume-of-a-control-plane"];
    machine.install("docker", "podman");
    await machine.run("kind-create.sh", environment, configuration(mine));
    machine.calls();
    expect((await machine.run("kind-delete.sh", environment)).status).toBe(0);
    expect(removals()).toEqual(gone);
    // What a killed creation has left, with the network.
    await machine.run("kind-create.sh", environment, configuration(mine));
    machine.calls();
    expect((await machine.run("container-network-delete.sh", environment)).status).toBe(0);
    expect(removals()).toEqual(gone);
  });
});

describe("kind-delete.sh", () => {
  it("deletes the cluster of its identity without kind, and leaves the engineer's contexts alone", async () => {
    await create();
    machine.calls();
    machine.uninstall("kind");
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(changes()).toEqual([removal("a-control-plane")]);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it("deletes a half-made one too, with kind's own load balancer", async () => {
    machine.say("nodes", "external-load-balancer\ncontrol-plane\ncontrol-plane2\n");
    await create();
    machine.unsay("kind/a/complete/a-control-plane");
    expect((await remove()).status).toBe(0);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it("deletes what is left of one whose nodes were removed by hand", async () => {
    machine.say("nodes", "control-plane\ncontrol-plane2\nexternal-load-balancer\n");
    await create();
    machine.say("kind/a/nodes", "a-external-load-balancer\n");
    machine.calls();
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(changes()).toEqual([removal("a-external-load-balancer")]);
  });

  it.each([
    ["another identity", { ...mine, IDENTITY: "22222222" }],
    ["another owner", { ...mine, OWNER: "2222bbbb2222bbbb" }],
  ])("touches no cluster of %s", async (_, other) => {
    await create(other);
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.has("world", "kind", "a")).toBe(true);
  });

  it("takes the cluster's load balancers along, which would outlive it", async () => {
    machine.say("balancers-of-a", "kindccm-1\nkindccm-2\n");
    await create();
    machine.calls();
    await remove();
    expect(changes()).toEqual([removal("a-control-plane", "kindccm-1", "kindccm-2")]);
    // Deleted by hand before, the cluster has left them behind.
    expect((await remove()).status).toBe(0);
    expect(changes()).toEqual([removal("kindccm-1", "kindccm-2")]);
  });

  it("has nothing to do where the cluster is gone", async () => {
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(changes()).toEqual([]);
  });

  it("does not take an engine that is off for a cluster that is gone", async () => {
    await create();
    machine.say("engine-off");
    expect(await remove()).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "kind cluster a: the container engine does not answer (docker ps fails), so nobody can tell whether the cluster is gone. " +
        "Start it and try again.\n",
    });
  });
});

/** As version 0.1 has made them: the mark is the names of project and stack, and the state has the certificate authority. */
describe("a cluster of version 0.1", () => {
  const former = { ...mine, FORMER_MARKS: "flatmesh/dev/11111111", FORMER_AUTHORITY: base64("authority of a") };
  const claimed = () => machine.read("world", "claims", "a-control-plane");
  beforeEach(async () => {
    await create({ ...mine, OWNER: "flatmesh/dev" });
    machine.say("kind/a/authority", "authority of a");
    machine.calls();
  });

  it("is taken over by the stack whose state has it, as it is", async () => {
    expect(await create(former)).toEqual(done);
    expect([changes(), claimed()]).toEqual([[], mine.OWNER]);
  });

  it("is that stack's from then on, also by what does not know the former mark any more", async () => {
    await create(former);
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([]);
    expect((await remove()).status).toBe(0);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it("is taken over node by node, the first one last", async () => {
    machine.say("kind/a/nodes", "a-control-plane\na-worker\n");
    expect(await create(former)).toEqual(done);
    expect([claimed(), machine.read("world", "claims", "a-worker")]).toEqual([mine.OWNER, mine.OWNER]);
  });

  it("is rebuilt by it where its settings have changed", async () => {
    expect(await create({ ...former, IDENTITY: "22222222" })).toEqual(done);
    expect(changes()).toEqual([deletion, creation, completion]);
  });

  it("is refused to a stack whose state does not have it, whatever that one is called", async () => {
    await expectRefusal();
    await expectRefusal({ ...former, FORMER_MARKS: "flatmesh/dev/33333333" });
    expect([(await remove(mine)).status, machine.has("world", "kind", "a")]).toEqual([0, true]);
  });

  it.each([
    ["it is not the one in the state: it was made anew by a stack that is called alike", "authority of another"],
    ["nobody knows which one it is, since it does not run", undefined],
  ])("is refused where %s", async (_, authority) => {
    machine.unsay("kind/a/authority");
    if (authority !== undefined) {
      machine.say("kind/a/authority", authority);
    }
    const { status, stdout, stderr } = await create(former);
    expect([status, stdout, stderr]).toEqual([
      1,
      "",
      expect.stringContaining("node a-control-plane was made by an earlier"),
    ]);
    expect([changes(), claimed()]).toEqual([[], undefined]);
  });

  it("is refused to the second of two stacks whose states both have it, and no destroy of that one touches it", async () => {
    const second = { ...former, OWNER: "2222bbbb2222bbbb" };
    await create(former);
    machine.calls();
    expect(await create(second)).toMatchObject({ status: 1, stdout: "" });
    expect((await remove(second)).status).toBe(0);
    expect((await machine.run("container-network-delete.sh", second)).status).toBe(0);
    expect([changes(), claimed()]).toEqual([[], mine.OWNER]);
  });

  it("is deleted by nobody who has not taken it over", async () => {
    expect((await remove(former)).status).toBe(0);
    expect(changes()).toEqual([]);
  });

  it("counts as there until it is taken over, and afterwards for its owner alone", async () => {
    machine.say("network");
    const clusters = async (environment: Readonly<Record<string, string>>) =>
      (await machine.run("kind-clusters.sh", environment)).stdout;
    const { FORMER_MARKS } = former;
    expect(await clusters({ OWNER: "nobody", FORMER_MARKS })).toBe("a 11111111\n.\n");
    await create(former);
    expect(await clusters({ OWNER: mine.OWNER })).toBe("a 11111111\n.\n");
    expect(await clusters({ OWNER: "nobody", FORMER_MARKS })).toBe(".\n");
    expect(await clusters({ OWNER: "2222bbbb2222bbbb", FORMER_MARKS })).toBe(".\n");
  });
});

it.each([
  "container-network-delete.sh",
  "images-load.sh",
  "kind-clusters.sh",
  "kind-create.sh",
  "kind-delete.sh",
  "nodes.sh",
  "routes.sh",
  "routes-remove.sh",
])("%s does nothing for an owner without an identifier, which every cluster would be of", async (script) => {
  await create({ ...mine, OWNER: "flatmesh/dev" });
  machine.calls();
  const { status } = await machine.run(
    script,
    { ...mine, OWNER: "", NODES: "a-control-plane" },
    "hub/pilot:1 sha256:1\n",
  );
  expect([status === 0, machine.calls()]).toEqual([false, []]);
});

describe("kind-clusters.sh", () => {
  const clusters = async () => {
    const { status, stdout, stderr } = await machine.run("kind-clusters.sh", { OWNER: mine.OWNER });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("\n").filter((line) => line !== "");
  };

  it("prints the clusters of its owner with their identities, and says that these are all", async () => {
    machine.say("network");
    expect(await clusters()).toEqual(["."]);
    await create();
    await create({ ...mine, NAME: "b", IDENTITY: "22222222" });
    await create({ ...mine, NAME: "c", OWNER: "2222bbbb2222bbbb" });
    expect(await clusters()).toEqual(["a 11111111", "b 22222222", "."]);
  });

  it("does not have a cluster that has lost its control planes", async () => {
    machine.say("network");
    machine.say("nodes", "control-plane\nworker\n");
    await create();
    machine.say("kind/a/nodes", "a-worker\n");
    expect(await clusters()).toEqual(["."]);
  });

  it("says nothing where nobody can tell: the engine is off, not there, or has never had a kind cluster", async () => {
    expect(await clusters()).toEqual([]);
    machine.say("network");
    machine.say("engine-off");
    expect(await clusters()).toEqual([]);
    machine.uninstall("docker");
    expect(await clusters()).toEqual([]);
  });
});

describe("the container network", () => {
  const make = () => machine.run("container-network-create.sh", mine);
  const leave = () => machine.run("container-network-delete.sh", mine);
  const silent: Outcome = { status: 0, stdout: "", stderr: "" };
  const networkChanges = () => machine.calls().filter((call) => /network (create|rm)|docker rm/.test(call));
  const creation =
    "docker network create --driver bridge --label flatmesh=network --opt com.docker.network.driver.mtu=1450";

  it("is made as kind would make it, and goes with the last stack", async () => {
    expect(await make()).toEqual(silent);
    expect(networkChanges()).toEqual([`${creation} --ipv6 --subnet fc00:f853:ccd:e793::/64 kind`]);
    expect(await leave()).toEqual(silent);
    expect(networkChanges()).toEqual(["docker network rm kind"]);
  });

  it("has no IPv6 where the machine has none", async () => {
    machine.say("no-ipv6");
    expect(await make()).toEqual(silent);
    expect(networkChanges().at(-1)).toBe(`${creation} kind`);
  });

  it("is made without Docker's option by podman, which refuses it", async () => {
    machine.install("docker", "podman");
    const environment = { ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" };
    expect(await machine.run("container-network-create.sh", environment)).toEqual(silent);
    expect(networkChanges()).toEqual([
      "podman network create --driver bridge --label flatmesh=network --ipv6 --subnet fc00:f853:ccd:e793::/64 kind",
    ]);
  });

  it("stays where somebody's containers are on it", async () => {
    await make();
    machine.say("on-the-network", "somebody\n");
    machine.calls();
    expect(await leave()).toEqual(silent);
    expect(networkChanges()).toEqual([]);
  });

  it("stays where it was there before", async () => {
    machine.say("network", "\n");
    expect([await make(), await leave()]).toEqual([silent, silent]);
    expect(networkChanges()).toEqual([]);
  });

  it("takes along what a killed creation of this stack has left, and nobody else's cluster", async () => {
    machine.say("nodes", "control-plane\nworker\n");
    await create();
    await create({ ...mine, NAME: "b", OWNER: "2222bbbb2222bbbb" });
    machine.calls();
    expect(await leave()).toEqual(silent);
    expect(networkChanges()).toEqual([removal("a-control-plane", "a-worker")]);
    expect([machine.has("world", "kind", "a"), machine.has("world", "kind", "b")]).toEqual([false, true]);
  });

  it("does not take an engine that is off for one that has nothing left", async () => {
    machine.say("engine-off");
    expect(await leave()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Start it and try again") as string,
    });
  });
});

describe("images for the nodes", () => {
  const load = (lines: string, environment = mine) => machine.run("images-load.sh", environment, lines);
  const have = (...images: string[]) => {
    images.forEach((image) => {
      machine.say(`images/${image.replaceAll(/[/:]/g, "_")}`, "sha256:1\n");
    });
  };

  it("are those that this machine has", async () => {
    have("hub/pilot:1");
    const { status, stdout } = await machine.run("images.sh", { IMAGES: "hub/pilot:1\nhub/ztunnel:1" });
    expect([status, stdout]).toEqual([0, "hub/pilot:1 sha256:1\n"]);
    machine.uninstall("docker");
    expect(await machine.run("images.sh", { IMAGES: "hub/pilot:1" })).toMatchObject({ status: 0, stdout: "" });
  });

  it("are loaded into every node but kind's own load balancer", async () => {
    machine.say("nodes", "control-plane\nexternal-load-balancer\nworker\n");
    await create();
    have("hub/pilot:1", "hub/ztunnel:1");
    // As a Command hands on what another has printed: without the last line's end.
    expect(await load("hub/pilot:1 sha256:1\nhub/ztunnel:1 sha256:2")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.read("world", "loaded-a-control-plane")).toBe("hub/pilot:1 hub/ztunnel:1\n");
    expect(machine.read("world", "loaded-a-worker")).toBe("hub/pilot:1 hub/ztunnel:1\n");
    expect(machine.has("world", "loaded-a-external-load-balancer")).toBe(false);
  });

  it("are recorded as the nodes have them, by their names there", async () => {
    machine.say("nodes", "control-plane\nworker\n");
    await create();
    have("pilot", "hub/pilot:1", "localhost:5000/pilot", "hub.test/pilot:1", "hub/gone:1");
    machine.say(
      "images-in-a-control-plane",
      [
        "REF TYPE DIGEST SIZE PLATFORMS LABELS",
        "docker.io/library/pilot:latest application/x sha256:1 1 MiB linux/amd64 -",
        "docker.io/hub/pilot:1 application/x sha256:2 1 MiB linux/amd64 -",
        "hub.test/pilot:1 application/x sha256:3 1 MiB linux/amd64 -",
        "localhost:5000/pilot:latest application/x sha256:4 1 MiB linux/amd64 -",
        "docker.io/hub/other:1 application/x sha256:5 1 MiB linux/amd64 -",
        "",
      ].join("\n"),
    );
    machine.say("images-in-a-worker", "hub.test/pilot:1 application/x sha256:3 1 MiB linux/amd64 -\n");
    const images = ["pilot", "hub/pilot:1", "localhost:5000/pilot", "hub.test/pilot:1", "hub/gone:1"];
    const { status, stdout } = await load(images.map((image) => `${image} sha256:1\n`).join(""));
    expect([status, stdout.split("\n")]).toEqual([
      0,
      [
        "a-control-plane pilot docker.io/library/pilot:latest sha256:1",
        "a-control-plane hub/pilot:1 docker.io/hub/pilot:1 sha256:2",
        "a-control-plane localhost:5000/pilot localhost:5000/pilot:latest sha256:4",
        "a-control-plane hub.test/pilot:1 hub.test/pilot:1 sha256:3",
        "a-worker hub.test/pilot:1 hub.test/pilot:1 sha256:3",
        "",
      ],
    ]);
  });

  it("are saved by podman as several: it would save one under the names of all", async () => {
    machine.install("docker", "podman");
    const environment = { ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" };
    await machine.run("kind-create.sh", environment, configuration(mine));
    have("hub/pilot:1", "hub/ztunnel:1");
    machine.calls();
    expect(await load("hub/pilot:1 sha256:1\nhub/ztunnel:1 sha256:2\n", environment)).toMatchObject({ status: 0 });
    expect(machine.calls()).toContain(
      "podman save --multi-image-archive --output <temporary>/images.tar -- hub/pilot:1 hub/ztunnel:1",
    );
    expect(machine.read("world", "loaded-a-control-plane")).toBe("hub/pilot:1 hub/ztunnel:1\n");
  });

  it("are left to the nodes to pull where they are gone since the plan", async () => {
    await create();
    have("hub/pilot:1");
    expect(await load("hub/pilot:1 sha256:1\nhub/ztunnel:1 sha256:2\n")).toMatchObject({ status: 0 });
    expect(machine.read("world", "loaded-a-control-plane")).toBe("hub/pilot:1\n");
  });

  it("may be none", async () => {
    await create();
    machine.calls();
    expect(await load("")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.calls()).toEqual([]);
  });

  it("are loaded into no node of another owner's cluster of that name", async () => {
    await create({ ...mine, OWNER: "2222bbbb2222bbbb" });
    have("hub/pilot:1");
    expect(await load("hub/pilot:1 sha256:1\n")).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("is not of a cluster that this stack has made") as string,
    });
    expect(machine.has("world", "loaded-a-control-plane")).toBe(false);
  });

  it.each([
    ["save-fails", "its images can't be saved (see above). Is there room in"],
    ["import-fails", "node a-control-plane does not take the images (see above)"],
  ])("say what went wrong: %s", async (fault, message) => {
    await create();
    have("hub/pilot:1");
    machine.say(fault);
    const { status, stderr } = await load("hub/pilot:1 sha256:1\n");
    expect([status, stderr]).toEqual([1, expect.stringContaining(`kind cluster a: ${message}`)]);
  });
});

function configuration({ OWNER, IDENTITY }: typeof mine): string {
  return JSON.stringify(kindConfiguration(kindSettings(), ownershipMark(OWNER, IDENTITY)), undefined, 2);
}

async function expectRefusal(environment: typeof mine & Readonly<Record<string, string>> = mine): Promise<void> {
  machine.calls();
  expect(await create(environment)).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "kind cluster a: a cluster of this name exists that this stack has not made. Delete it (kind delete cluster --name a), " +
      "give this one another name, or set uniqueNames.\n",
  });
  expect(changes()).toEqual([]);
}
