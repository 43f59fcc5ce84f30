import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kindConfiguration, ownershipMark } from "../../../../../components/clusters/kind";
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

const mine = { NAME: "a", OWNER: "flatmesh/dev", IDENTITY: "11111111" };
const done: Outcome = { status: 0, stdout: "kubeconfig of a\n", stderr: "" };
const creation =
  "kind create cluster --name a --config <temporary>/configuration --kubeconfig <temporary>/kubeconfig --wait 5m";
const deletion = "kind delete cluster --name a --kubeconfig <temporary>/none";
const completion = "docker exec a-control-plane touch /kind/flatmesh-complete";

const balancersOfA = "docker ps --all --quiet --filter label=io.x-k8s.cloud-provider-kind.cluster=a";

const create = (environment = mine) => machine.run("kind-create.sh", environment, configuration(environment));
const remove = (environment = mine) => machine.run("kind-delete.sh", environment);
const changes = () => machine.calls().filter((call) => /^kind (create|delete)|exec/.test(call));

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
    expect(machine.read("world", "kind", "a", "mounts")).toContain("/flatmesh/flatmesh/dev/22222222\n");
  });

  it.each([
    ["another stack", "flatmesh/prod"],
    ["a stack whose name starts alike", "flatmesh/dev-2"],
    ["a stack whose name ends alike", "other/flatmesh/dev"],
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
    expect(marked.map((call) => call.split(" ")[2])).toEqual(["a-control-plane", "a-control-plane2", "a-worker"]);
  });

  it.each([
    [
      "kind",
      "the kind command is not on the PATH. Install it: https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
    ],
    [
      "docker",
      "the docker command is not on the PATH. Install a container engine, or name another in KIND_EXPERIMENTAL_PROVIDER.",
    ],
  ])("says where to get %s", async (command, message) => {
    machine.uninstall(command);
    expect(await create()).toEqual({ status: 1, stdout: "", stderr: `kind cluster a: ${message}\n` });
  });

  it("says that the engine does not answer, before anything is made", async () => {
    machine.say("engine-off");
    expect(await create()).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "kind cluster a: the container engine does not answer (docker info fails). Start it, and see that you may use it.\n",
    });
    expect(changes()).toEqual([]);
  });

  it("uses the engine that kind is told to use", async () => {
    machine.install("docker", "podman");
    machine.uninstall("docker");
    expect(
      await machine.run("kind-create.sh", { ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" }, configuration(mine)),
    ).toEqual(done);
    expect(machine.calls()).toContain("podman exec a-control-plane touch /kind/flatmesh-complete");
  });
});

describe("kind-delete.sh", () => {
  it("deletes the cluster of its identity, and leaves the engineer's contexts alone", async () => {
    await create();
    machine.calls();
    expect((await remove()).status).toBe(0);
    expect(changes()).toEqual([deletion]);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it("deletes a half-made one too", async () => {
    await create();
    machine.unsay("kind/a/complete/a-control-plane");
    expect((await remove()).status).toBe(0);
    expect(machine.has("world", "kind", "a")).toBe(false);
  });

  it.each([
    ["another identity", { ...mine, IDENTITY: "22222222" }],
    ["another owner", { ...mine, OWNER: "flatmesh/prod" }],
  ])("touches no cluster of %s", async (_, other) => {
    await create(other);
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(machine.has("world", "kind", "a")).toBe(true);
  });

  const balancers = "docker rm --force --volumes kindccm-1 kindccm-2";

  it("takes the cluster's load balancers along, which would outlive it", async () => {
    machine.say("balancers-of-a", "kindccm-1\nkindccm-2\n");
    await create();
    machine.calls();
    await remove();
    expect(machine.calls().slice(-3)).toEqual([deletion, balancersOfA, balancers]);
    // Deleted by hand before, the cluster has left them behind.
    expect((await remove()).status).toBe(0);
    expect(machine.calls().at(-1)).toBe(balancers);
  });

  it("has nothing to do where the cluster is gone", async () => {
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(changes()).toEqual([]);
  });
});

function configuration({ OWNER, IDENTITY }: typeof mine): string {
  return JSON.stringify(kindConfiguration(kindSettings(), ownershipMark(OWNER, IDENTITY)), undefined, 2);
}

async function expectRefusal(): Promise<void> {
  machine.calls();
  expect(await create()).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "kind cluster a: a cluster of this name exists that this stack has not made. Delete it (kind delete cluster --name a), " +
      "give this one another name, or set uniqueNames.\n",
  });
  expect(changes()).toEqual([]);
}
