import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Machine } from "./machine";

let machine: Machine;
beforeEach(() => {
  machine = new Machine();
});
afterEach(() => {
  machine.remove();
});

const mine = { NAME: "balancers", OWNER: "1111aaaa1111aaaa", IMAGE: "image@sha256:0" };
const silent = { status: 0, stdout: "", stderr: "" };
const removal = "docker rm --force balancers";
const start = (socket: string) =>
  "docker run --detach --name balancers --label flatmesh.owner=1111aaaa1111aaaa --label flatmesh.image=image@sha256:0 --restart unless-stopped --network kind " +
  `--security-opt label=disable --volume ${socket}:/var/run/docker.sock image@sha256:0 --gateway-channel=disabled --enable-default-ingress=false`;

const create = (environment: Readonly<Record<string, string>> = mine) =>
  machine.run("load-balancers-create.sh", environment);
const remove = (environment = mine) => machine.run("load-balancers-delete.sh", environment);
const changes = () => machine.calls().filter((call) => /^docker (run|rm)/.test(call));

describe("load-balancers-create.sh", () => {
  it("starts one container, and starts it anew when it runs again", async () => {
    expect(await create()).toEqual(silent);
    expect(changes()).toEqual([start("/var/run/docker.sock")]);
    expect(await create()).toEqual(silent);
    expect(changes()).toEqual([removal, start("/var/run/docker.sock")]);
  });

  it("reaches the engine by the socket that the engineer's own tools use", async () => {
    await create({ ...mine, DOCKER_HOST: "unix:///run/user/1000/docker.sock" });
    expect(changes()).toEqual([start("/run/user/1000/docker.sock")]);
  });

  it("reaches it by the socket of the current context", async () => {
    machine.say("context", "unix:///run/user/1000/docker.sock\n");
    await create();
    expect(changes()).toEqual([start("/run/user/1000/docker.sock")]);
  });

  it.each([
    "unix:///Users/me/.colima/default/docker.sock",
    "unix:///home/me/.docker/desktop/docker.sock",
    "tcp://localhost:2375",
  ])("reaches one in a virtual machine by its own path there, not by %s", async (context) => {
    machine.say("context", `${context}\n`);
    machine.say("kernel", "6.10.14-linuxkit\n");
    await create();
    expect(changes()).toEqual([start("/var/run/docker.sock")]);
  });

  it("reaches podman by the socket that podman names", async () => {
    machine.install("docker", "podman");
    await create({ ...mine, KIND_EXPERIMENTAL_PROVIDER: "podman" });
    expect(machine.calls().filter((call) => call.startsWith("podman run"))).toEqual([
      start("/run/user/1000/podman/podman.sock").replace(/^docker/, "podman"),
    ]);
  });

  it("refuses a container of the same name that somebody else has made", async () => {
    machine.say("owners/balancers", "2222bbbb2222bbbb\n");
    expect(await create()).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "load balancers: a container balancers exists that this stack has not made. Remove it: docker rm --force balancers\n",
    });
    expect(changes()).toEqual([]);
  });

  it("takes the place of the one that version 0.1 has made for the stack", async () => {
    machine.say("owners/former", "flatmesh/dev\n");
    machine.say("owners/foreign", "flatmesh/prod\n");
    expect(await create({ ...mine, FORMER_OWNER: "flatmesh/dev" })).toEqual(silent);
    expect(changes()).toEqual(["docker rm --force former", start("/var/run/docker.sock")]);
  });

  it("says what else there is where the image can't be had", async () => {
    machine.say("run-fails");
    const { status, stderr } = await create();
    expect(status).toBe(1);
    expect(stderr.split("\n")).toEqual([
      "Error response from daemon: manifest unknown",
      "load balancers: its container can't be started (see above). Where its image can't be pulled, name a copy of it " +
        "(loadBalancer: {image: …}), or set loadBalancer: none and give the clusters another load balancer.",
      "",
    ]);
  });
});

describe("load-balancers.sh", () => {
  const print = () => machine.run("load-balancers.sh", { NAME: "balancers" });

  it("prints how the container is", async () => {
    await create();
    machine.say("container-balancers", "running joined owner=1111aaaa1111aaaa image=image@sha256:0\n");
    machine.calls();
    expect(await print()).toEqual({
      ...silent,
      stdout: "running joined owner=1111aaaa1111aaaa image=image@sha256:0\n",
    });
    expect(machine.calls()).toEqual([
      "docker ps --all --quiet --filter name=^/?balancers$",
      'docker inspect --format {{.State.Status}} {{if index .NetworkSettings.Networks "kind"}}joined{{else}}apart{{end}} ' +
        'owner={{index .Config.Labels "flatmesh.owner"}} image={{index .Config.Labels "flatmesh.image"}} balancers',
    ]);
  });

  it("says that it is gone only where the engine does", async () => {
    expect(await print()).toEqual({ ...silent, stdout: "absent\n" });
    machine.say("engine-off");
    expect(await print()).toEqual(silent);
    machine.uninstall("docker");
    expect(await print()).toEqual(silent);
  });
});

describe("load-balancers-delete.sh", () => {
  it("removes its own container, and no other", async () => {
    await create();
    machine.calls();
    expect(await remove({ ...mine, OWNER: "2222bbbb2222bbbb" })).toEqual(silent);
    expect(changes()).toEqual([]);
    expect(await remove()).toEqual(silent);
    expect(changes()).toEqual(["docker rm --force --volumes balancers"]);
  });

  it("has nothing to do where the container is gone", async () => {
    expect(await remove()).toEqual(silent);
  });

  it("does not take an engine that is off for a container that is gone: it would start it again", async () => {
    await create();
    machine.say("engine-off");
    expect(await remove()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("Start it and try again") as string,
    });
  });
});
