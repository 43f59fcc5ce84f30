import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { noNetworks, readEngineNetworks } from "../../../preflight/engine-networks";
import { subnetText } from "../../../settings/subnets";
import { docker, podman, says } from "./engines";

let bin: string;
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "flatmesh-path-"));
  vi.stubEnv("PATH", bin);
  vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(bin, { recursive: true });
});

function install(program: string, script: string) {
  writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, program), 0o755);
}
const read = async () => {
  const { networks, pools } = await readEngineNetworks();
  return {
    networks: networks.map(({ name, subnets }) => [name, ...subnets.map(subnetText)]),
    pools: pools.map(subnetText),
  };
};

it("are read from Docker, with the pools that it is configured with", async () => {
  const ipam = (...subnets: string[]) => ({ Driver: "default", Config: subnets.map((Subnet) => ({ Subnet })) });
  install(
    "docker",
    docker({
      info: [
        { Base: "10.10.0.0/16", Size: 24 },
        { Base: "fd00::/104", Size: 112 },
      ],
      answers: {
        "network\\ ls*": says("b2930ef8b5f5\n4676db595233\nf6e7351a7906"),
        "network\\ inspect\\ b2930ef8b5f5\\ 4676db595233\\ f6e7351a7906": says([
          { Name: "bridge", IPAM: ipam("172.17.0.0/16") },
          { Name: "host", IPAM: { Driver: "default", Config: null } },
          { Name: "kind", IPAM: ipam("fc00:f853:ccd:e793::/64", "10.10.3.0/24") },
        ]),
      },
    }),
  );
  expect(await read()).toEqual({
    networks: [["bridge", "172.17.0.0/16"], ["host"], ["kind", "10.10.3.0/24"]],
    pools: ["10.10.0.0/16"],
  });
});

it("are read from podman", async () => {
  vi.stubEnv("KIND_EXPERIMENTAL_PROVIDER", "podman");
  install(
    "podman",
    podman({
      answers: {
        "network\\ ls*": says("podman\nkind"),
        "network\\ inspect\\ podman\\ kind": says([
          { name: "podman", driver: "bridge", subnets: [{ subnet: "10.88.0.0/16", gateway: "10.88.0.1" }] },
          { name: "kind", subnets: [{ subnet: "fc00:f853:ccd:e793::/64" }, { subnet: "10.89.0.0/24" }] },
        ]),
      },
    }),
  );
  expect(await read()).toEqual({
    networks: [
      ["podman", "10.88.0.0/16"],
      ["kind", "10.89.0.0/24"],
    ],
    pools: ["10.89.0.0/16"],
  });
});

it("are none where no engine answers", async () => {
  expect(await readEngineNetworks()).toEqual(noNetworks);
  install("docker", docker({ info: "exit 1", answers: { "network*": "exit 1" } }));
  expect(await readEngineNetworks()).toEqual(noNetworks);
});
