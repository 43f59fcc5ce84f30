import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readContainerEngine } from "../../../preflight/container-engine";
import { docker, dockerInfo, podman, podmanHost, says } from "./engines";

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "flatmesh-path-"));
  vi.stubEnv("PATH", bin);
  for (const name of [
    "KIND_EXPERIMENTAL_PROVIDER",
    "KIND_EXPERIMENTAL_DOCKER_NETWORK",
    "KIND_EXPERIMENTAL_PODMAN_NETWORK",
    "DOCKER_HOST",
    "CONTAINER_HOST",
    "CONTAINER_CONNECTION",
  ]) {
    vi.stubEnv(name, "");
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

function install(program: string, script: string) {
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, program), 0o755);
}
const asPodman = () => vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "podman");
const refused = async (loadBalancer = true) => {
  const engine = await readContainerEngine(loadBalancer);
  return "name" in engine ? `${engine.name} can be used` : engine.join("\n");
};

describe("the engine that kind chooses", () => {
  it("is Docker, where nothing else is asked for", async () => {
    install("docker", docker());
    expect(await readContainerEngine(true)).toEqual({ name: "docker", ownKernel: false });
  });

  it("is podman by a variable, which has to be set where kind would find podman by itself", async () => {
    install("podman", podman());
    expect(await refused()).toBe(
      "the docker command is not on the PATH, but podman is. To use it, export KIND_EXPERIMENTAL_PROVIDER=podman wherever you run " +
        "pulumi for this stack.",
    );
    asPodman();
    expect(await readContainerEngine(true)).toEqual({ name: "podman", ownKernel: false });
  });

  it("is not podman under the name of docker", async () => {
    install("docker", podman());
    expect(await refused()).toMatch(/^the docker command is podman's\. Export KIND_EXPERIMENTAL_PROVIDER=podman/);
  });

  it.each(["nerdctl", "finch", "nerdctl.lima"])("is not %s, whose containers can't be looked at", async (name) => {
    vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", name);
    expect(await refused()).toMatch(
      new RegExp(
        `^KIND_EXPERIMENTAL_PROVIDER is ${name}, whose containers have no addresses .* Set it to docker or podman`,
      ),
    );
  });

  it.each(["Docker", "colima", "/usr/bin/podman"])("is not %s, which kind would ignore", async (name) => {
    install("docker", docker());
    vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", name);
    expect(await refused()).toBe(
      `KIND_EXPERIMENTAL_PROVIDER is ${name}, which kind does not know. Set it to docker or podman, or leave it out for Docker.`,
    );
  });
});

describe("an engine that does not answer", () => {
  const fails = (text: string) => `echo "${text}" >&2; exit 1`;

  it("is quoted, with who can say which one is asked", async () => {
    install(
      "docker",
      docker({ info: fails("Cannot connect to the Docker daemon at unix:///Users/me/.colima/default/docker.sock.") }),
    );
    expect(await refused()).toBe(
      "the container engine does not answer (docker info: Cannot connect to the Docker daemon at " +
        "unix:///Users/me/.colima/default/docker.sock.). Start it, and see that you may use it; docker context ls shows which one is asked.",
    );
  });

  it("is noticed where docker info itself succeeds, as before 23.0", async () => {
    install("docker", docker({ info: { ServerErrors: ["Cannot connect"], ServerVersion: "" } }));
    expect(await refused()).toMatch(/^the container engine does not answer \(docker info fails\)/);
  });

  it("may be forbidden to this user", async () => {
    install("docker", docker({ info: fails("permission denied while trying to connect to the Docker daemon socket") }));
    expect(await refused()).toMatch(/add your user to the group docker/);
  });

  it("may be a virtual machine of podman", async () => {
    asPodman();
    install(
      "podman",
      podman({ host: fails("Cannot connect to Podman. Please verify your connection to the Linux system") }),
    );
    expect(await refused()).toMatch(/\(podman info: Cannot connect to Podman\..*\)\. Start it \(podman machine start,/);
  });
});

describe("an engine on another machine", () => {
  it.each(["ssh://me@build-host", "ssh://vagrant@127.0.0.1:2222", "tcp://docker:2376", "tcp://10.0.0.5:2375"])(
    "is refused: %s",
    async (host) => {
      install("docker", docker({ host }));
      const shown = host.replace("me@", "").replace("vagrant@", "");
      expect(await refused()).toBe(
        `the container engine is on another machine (${shown}): the API servers of kind clusters would listen on the loopback address of ` +
          "that machine. Run pulumi there, or choose an engine of this machine: docker context use default.",
      );
      vi.stubEnv("DOCKER_HOST", host);
      expect(await refused()).toMatch(/or choose an engine of this machine: leave DOCKER_HOST out\.$/);
    },
  );

  it("is refused as that where it does not even answer", async () => {
    install("docker", docker({ host: "ssh://me@asleep", info: "exit 1" }));
    expect(await refused()).toContain("is on another machine (ssh://asleep)");
    install("podman", podman({ host: "exit 125" }));
    asPodman();
    vi.stubEnv("CONTAINER_HOST", "ssh://core@asleep:22/run/podman/podman.sock");
    expect(await refused()).toContain("is on another machine (ssh://asleep:22)");
  });

  it("may be outside of the container that pulumi runs in", async () => {
    const mark = join(bin, ".dockerenv");
    writeFileSync(mark, "");
    install("docker", docker({ info: dockerInfo({ Name: "docker-desktop" }) }));
    expect(await readContainerEngine(true, mark)).toEqual([
      expect.stringMatching(
        /^pulumi runs in a container, and the container engine \(docker-desktop\) outside of it: .* Start this container with --network host/,
      ),
    ]);
    // One that is in the same container, or on the network of the engine's host, has this name.
    install("docker", docker());
    expect(await readContainerEngine(true, mark)).toEqual({ name: "docker", ownKernel: false });
  });

  it.each([
    "unix:///var/run/docker.sock",
    "unix:///run/user/1000/docker.sock",
    "unix:///Users/me/.colima/default/docker.sock",
    "unix:///Users/me/.docker/run/docker.sock",
    "unix:///Users/me/.orbstack/run/docker.sock",
    "unix:///Users/me/.rd/docker.sock",
    "tcp://localhost:2375",
    "tcp://127.0.0.1:2376",
    "npipe:////./pipe/docker_engine",
  ])("is not one behind %s", async (host) => {
    install("docker", docker({ host }));
    expect(await refused()).toBe("docker can be used");
  });

  it("is told by DOCKER_HOST where the command knows no contexts", async () => {
    install("docker", docker({ answers: { "context\\ inspect*": "exit 1" } }));
    vi.stubEnv("DOCKER_HOST", "tcp://elsewhere:2375");
    expect(await refused()).toContain("is on another machine (tcp://elsewhere:2375)");
  });

  const remote = (connections: readonly object[]) =>
    podman({
      host: podmanHost({ serviceIsRemote: true }),
      answers: { "system\\ connection\\ list*": says(connections) },
    });
  const machine = {
    Name: "podman-machine-default",
    URI: "ssh://core@127.0.0.1:53298/run/user/501/podman/podman.sock",
    Default: true,
  };
  const server = { Name: "server", URI: "ssh://core@server:22/run/podman/podman.sock", Default: false };

  it("is refused by podman's connection as well, and a virtual machine of podman is not one", async () => {
    asPodman();
    install("podman", remote([machine, server]));
    expect(await refused()).toBe("podman can be used");
    vi.stubEnv("CONTAINER_CONNECTION", "server");
    expect(await refused()).toContain("is on another machine (ssh://server:22)");
    vi.stubEnv("CONTAINER_CONNECTION", "");
    vi.stubEnv("CONTAINER_HOST", "tcp://server:8080");
    expect(await refused()).toContain("(tcp://server:8080): the API servers of kind clusters");
  });
});

describe("a rootless engine", () => {
  const options = ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"];
  const rootless = (changes: object = {}) => docker({ info: dockerInfo({ SecurityOptions: options, ...changes }) });

  it("can be used where it may limit what it runs", async () => {
    install("docker", rootless());
    expect(await refused(false)).toBe("docker can be used");
    install("podman", podman());
    asPodman();
    expect(await refused()).toBe("podman can be used");
  });

  it.each([
    ["cgroup v1", { CgroupVersion: "1" }, { cgroupVersion: "v1" }, "kind needs cgroup v2"],
    ["no delegation", { CPUShares: false }, { cgroupControllers: ["memory", "pids"] }, "Set Delegate=yes"],
    ["no driver", { CgroupDriver: "none" }, { cgroupControllers: [] }, "Set Delegate=yes"],
  ])("is refused with %s, as kind refuses it", async (_, inDocker, inPodman, message) => {
    install("docker", rootless(inDocker));
    expect(await refused(false)).toContain(message);
    install("podman", podman({ host: podmanHost(inPodman) }));
    asPodman();
    expect(await refused()).toContain(message);
  });

  it("can be rootful podman with cgroup v1, which nobody delegates to", async () => {
    asPodman();
    install("podman", podman({ host: podmanHost({ security: { rootless: false }, cgroupVersion: "v1" }) }));
    expect(await refused()).toBe("podman can be used");
  });

  it("in a virtual machine can't make load balancers: its socket there can't be told", async () => {
    install("docker", rootless());
    expect(await refused(true)).toMatch(/a rootless Docker in a virtual machine.* or set loadBalancer: none\.$/);
  });
});

describe("podman", () => {
  beforeEach(asPodman);

  it("needs its API's socket for load balancers alone", async () => {
    const remoteSocket = { path: "/run/podman/no-such.sock" };
    install("podman", podman({ host: podmanHost({ remoteSocket }) }));
    expect(await refused()).toBe(
      "podman's API socket (/run/podman/no-such.sock), which load balancers are made by, does not exist. Run systemctl --user enable " +
        "--now podman.socket, or set loadBalancer: none.",
    );
    expect(await refused(false)).toBe("podman can be used");
    install("podman", podman({ host: podmanHost({ remoteSocket, security: { rootless: false } }) }));
    expect(await refused()).toContain("Run sudo systemctl enable --now podman.socket,");
  });

  it("needs its name server", async () => {
    install("podman", podman({ host: podmanHost({ networkBackendInfo: { backend: "netavark", dns: {} } }) }));
    expect(await refused()).toMatch(/^podman has no aardvark-dns/);
    // Versions before 4.6 say nothing of it.
    install("podman", podman({ host: podmanHost({ networkBackendInfo: undefined }) }));
    expect(await refused()).toBe("podman can be used");
  });

  it("needs a name server on the network that is there", async () => {
    const answers = { "network\\ inspect*": says("false") };
    install("podman", podman({ answers }));
    expect(await refused()).toBe(
      "podman's network kind has no name server, without which nodes don't find each other by name. Remove it (podman network rm kind) " +
        "where nothing uses it: it is created with one.",
    );
  });

  it("has a network that this program and kind know by the same name", async () => {
    install("podman", podman());
    vi.stubEnv("KIND_EXPERIMENTAL_PODMAN_NETWORK", "mesh");
    expect(await refused()).toBe(
      "kind puts nodes on podman's network mesh (KIND_EXPERIMENTAL_PODMAN_NETWORK), and this program looks for them on kind " +
        "(KIND_EXPERIMENTAL_DOCKER_NETWORK). Set both to the same name, or leave both out.",
    );
    vi.stubEnv("KIND_EXPERIMENTAL_DOCKER_NETWORK", "mesh");
    expect(await refused()).toBe("podman can be used");
  });
});
