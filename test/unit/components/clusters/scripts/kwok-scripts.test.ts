import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kwokInput } from "../../../../../components/clusters/kwok-configuration";
import { base64 } from "../../mocks";
import { kwokSettings } from "../settings";
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
  "create cluster --name a --runtime binary --config <temporary>/configuration.yaml --kubeconfig <temporary>/kubeconfig";
const deletion = "delete cluster --name a --kubeconfig <temporary>/none";
const input = kwokInput({ ...kwokSettings(), clusterName: "a" });

const create = (environment: Readonly<Record<string, string>> = mine) =>
  machine.run("kwok-create.sh", environment, input);
const remove = (environment = mine) => machine.run("kwok-delete.sh", environment);
const changes = () => calls().filter((call) => /^(create|delete)/.test(call));
/** Calls of kwokctl, without the flag that quietens it. */
const calls = () => machine.calls().map((call) => call.replace(/^kwokctl (--v ERROR )?/, ""));
const cache = () => join(machine.root, "home", ".cache", "flatmesh");
const lock = () => join(cache(), "kwok-ports.lock");
const there = () => machine.has("home", ".kwok", "clusters", "a");

describe("kwok-create.sh", () => {
  it("makes a cluster from its input and prints its kubeconfig and nothing else", async () => {
    expect(await create()).toEqual(done);
    expect(calls()).toEqual([
      creation,
      "--name a kubectl get --raw /readyz",
      "--name a kubectl apply --server-side --filename <temporary>/objects",
      "get kubeconfig --name a",
    ]);
    const [configuration, objects] = input.split("---\n");
    expect(machine.read("home", ".kwok", "clusters", "a", "configuration")).toBe(configuration);
    expect(machine.read("home", ".kwok", "clusters", "a", "objects")).toBe(objects);
  });

  it("keeps a finished cluster of the same identity", async () => {
    await create();
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([]);
  });

  it("gives a finished cluster the objects that a changed platform needs", async () => {
    await create();
    expect(await machine.run("kwok-create.sh", mine, input.replace(/---\n[^]*/, "---\nof another platform\n"))).toEqual(
      done,
    );
    expect(machine.read("home", ".kwok", "clusters", "a", "objects")).toBe("of another platform\n");
  });

  it("replaces a cluster of its owner with another identity", async () => {
    await create({ ...mine, IDENTITY: "22222222" });
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([deletion, creation]);
    expect(machine.read("home", ".kwok", "flatmesh", "a", "complete")).toBe("11111111");
  });

  it("makes a half-made cluster again", async () => {
    machine.say("create-takes-time");
    const { process, outcome } = machine.start("kwok-create.sh", mine, input);
    await until(there);
    // Nothing can clean up after this.
    process.kill("SIGKILL");
    await outcome;
    machine.unsay("create-takes-time");
    await until(() => !machine.has("world", "creating"));
    machine.calls();
    expect(await create()).toEqual(done);
    expect(changes()).toEqual([deletion, creation]);
    // What the killed one could not take away, a kubeconfig perhaps, the next one has.
    expect(machine.leftovers()).toEqual([]);
  });

  it.each([
    ["another stack", "2222bbbb2222bbbb"],
    ["a stack whose identifier starts alike", "1111aaaa1111aaaa0"],
  ])("refuses a cluster of %s", async (_, owner) => {
    await create({ ...mine, OWNER: owner });
    await expectRefusal();
  });

  it("refuses a cluster that a person has made", async () => {
    machine.folder("home", ".kwok", "clusters", "a");
    await expectRefusal();
  });

  it.each([
    ["create-fails", "port 32764 is taken"],
    ["apply-fails", "error: the server could not find the requested resource"],
  ])("cleans up after a creation that fails (%s), says why, and the next one succeeds", async (fault, message) => {
    machine.say(fault);
    expect(await create()).toEqual({ status: 1, stdout: "", stderr: `kwok cluster a: ${message}\n` });
    expect(changes()).toEqual([creation, deletion]);
    expect(there()).toBe(false);
    expect(machine.has("home", ".kwok", "flatmesh", "a")).toBe(false);
    machine.unsay(fault);
    expect(await create()).toEqual(done);
  });

  it("leaves nothing in the way of the next one where even the cleaning up fails", async () => {
    machine.say("apply-fails");
    machine.say("delete-fails");
    expect((await create()).status).toBe(1);
    machine.unsay("apply-fails");
    // As it can't be taken away, it can't be replaced; but it is still known as this stack's.
    expect((await create()).status).toBe(1);
    machine.unsay("delete-fails");
    expect(await create()).toEqual(done);
  });

  it("cleans up after a creation that is interrupted", async () => {
    machine.say("create-takes-time");
    const { process, outcome } = machine.start("kwok-create.sh", mine, input);
    await until(there);
    process.kill("SIGTERM");
    expect((await outcome).status).toBe(143);
    expect(changes()).toEqual([creation, deletion]);
    expect(there()).toBe(false);
  });

  it.each([
    [2, 0],
    [3, 1],
  ])("tries again where kwokctl has asked its API server too early, %i times", async (times, status) => {
    machine.say("asked-too-early", "once\n".repeat(times));
    const outcome = await create();
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toBe(status === 0 ? "" : "kwok cluster a: failed to init crds: resource not handled\n");
  });

  it("lets one creation at a time look for ports, whichever folders they work in", async () => {
    machine.say("create-takes-time");
    const names = ["a", "b", "c"];
    const outcomes = await Promise.all(
      names.map((NAME) => create({ ...mine, NAME, KWOK_WORKDIR: join(machine.root, "home", NAME) })),
    );
    expect(outcomes).toEqual(names.map((name) => ({ ...done, stdout: `kubeconfig of ${name}\n` })));
  });

  it("takes over the lock of a creation that was killed", async () => {
    const { pid } = spawnSync("true");
    mkdirSync(cache(), { recursive: true, mode: 0o700 });
    symlinkSync(String(pid), lock());
    expect(await create()).toEqual(done);
  });

  it("takes no lock away whose holder it can't tell: it was released and taken in between", async () => {
    mkdirSync(cache(), { recursive: true, mode: 0o700 });
    symlinkSync(String(process.pid), lock());
    machine.spoil("readlink");
    const creation = create();
    await until(() => machine.has("home", ".kwok", "flatmesh", "a", "owner"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(there()).toBe(false);
    rmSync(lock());
    expect(await creation).toEqual(done);
  });

  it("works in a folder that its user alone can look into", async () => {
    await create();
    expect((statSync(cache()).mode & 0o777).toString(8)).toBe("700");
    expect(machine.leftovers()).toEqual([]);
  });

  it.each([
    [
      "others may write into",
      () => {
        mkdirSync(cache(), { recursive: true });
        chmodSync(cache(), 0o777);
      },
    ],
    [
      "is a link that leads elsewhere",
      () => {
        mkdirSync(join(cache(), ".."), { recursive: true });
        symlinkSync(tmpdir(), cache());
      },
    ],
  ])("refuses a folder that %s, and works once it is moved away as the message says", async (_, spoil) => {
    spoil();
    const { status, stderr } = await create();
    expect([status, stderr, calls()]).toEqual([1, expect.stringContaining("is not its user's alone"), []]);
    const [, command = ""] = /\((mv [^)]+)\)/.exec(stderr) ?? [];
    expect(spawnSync("sh", ["-c", command]).status).toBe(0);
    expect(await create()).toEqual(done);
  });

  it("takes the place of what version 0.1 has made for this stack, and of nothing that only carries the same mark", async () => {
    await create({ ...mine, OWNER: "flatmesh/dev", IDENTITY: "33333333" });
    machine.folder("home", ".kwok", "clusters", "a", "pki");
    writeFileSync(join(machine.root, "home", ".kwok", "clusters", "a", "pki", "ca.crt"), "authority of a");
    await expectRefusal();
    const former = { FORMER_MARKS: "flatmesh/dev/33333333", FORMER_AUTHORITY: base64("authority of another") };
    await expectRefusal({ ...mine, ...former });
    expect(await create({ ...mine, ...former, FORMER_AUTHORITY: base64("authority of a") })).toEqual(done);
    expect(changes()).toEqual([deletion, creation]);
  });

  it("says where to get kwokctl", async () => {
    machine.uninstall("kwokctl");
    expect(await create()).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "kwok cluster a: the kwokctl command is not on the PATH. Install it: https://kwok.sigs.k8s.io/docs/user/installation/\n",
    });
  });
});

describe("kwok-delete.sh", () => {
  it("deletes the cluster of its identity, and leaves the engineer's contexts alone", async () => {
    await create();
    machine.calls();
    expect((await remove()).status).toBe(0);
    expect(changes()).toEqual([deletion]);
    expect(there()).toBe(false);
    expect(machine.has("home", ".kwok", "flatmesh", "a")).toBe(false);
  });

  it.each([
    ["another identity", { ...mine, IDENTITY: "22222222" }],
    ["another owner", { ...mine, OWNER: "2222bbbb2222bbbb" }],
  ])("touches no cluster of %s", async (_, other) => {
    await create(other);
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(there()).toBe(true);
  });

  it("has nothing to do where the cluster is gone, by hand or altogether", async () => {
    await create();
    machine.clear("home", ".kwok", "clusters", "a");
    expect((await remove()).status).toBe(0);
    expect(await remove()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(changes()).toEqual([creation]);
  });
});

describe("kwok-mesh-controllers.sh", () => {
  it("gives the cluster its Stages once the Gateway API is published, and not before", async () => {
    await create();
    machine.calls();
    expect(await machine.run("kwok-mesh-controllers.sh", { NAME: "a" }, "the stages")).toEqual({ ...done, stdout: "" });
    const asked = "--name a kubectl get --raw /openapi/v3/apis/gateway.networking.k8s.io/v1";
    expect(calls()).toEqual([asked, asked, asked, "--name a kubectl apply --server-side --filename -"]);
    expect(machine.read("home", ".kwok", "clusters", "a", "applied")).toBe("the stages");
  });
});

async function expectRefusal(environment: Readonly<Record<string, string>> = mine): Promise<void> {
  machine.calls();
  expect(await create(environment)).toEqual({
    status: 1,
    stdout: "",
    stderr:
      "kwok cluster a: a cluster of this name exists that this stack has not made. Delete it (kwokctl delete cluster --name a), " +
      "give this one another name, or set uniqueNames.\n",
  });
  expect(changes()).toEqual([]);
  expect(there()).toBe(true);
}
