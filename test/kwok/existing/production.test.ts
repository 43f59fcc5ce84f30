/**
 * Production as its two examples have it: two stacks that need each other, each with a cluster that was there before, known by a
 * context of the engineer's kubeconfig. Their API servers are real; no pod runs, and the Gateways' controller is played.
 */
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parse, stringify } from "yaml";
import { projectFolder } from "../../../rehearsal/program";
import { readStackFile } from "../../../rehearsal/stack-file";
import { changes, FoundCluster } from "./found-cluster";

const addresses = { east: "192.0.2.1", west: "192.0.2.2" };

let clusters: { readonly east: FoundCluster; readonly west: FoundCluster };
let stacks: { readonly east: Stack; readonly west: Stack };
let before: Readonly<Record<string, object>>;
beforeAll(async () => {
  const east = await FoundCluster.create({ podSubnet: "10.32.0.0/14", serviceSubnet: "10.64.0.0/16" });
  const west = await FoundCluster.create({ podSubnet: "10.36.0.0/14", serviceSubnet: "10.65.0.0/16" });
  clusters = { east, west };
  for (const cluster of [east, west]) {
    cluster.apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: "istio-system", labels: { team: "platform" } } },
      {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "solo-license", namespace: "istio-system" },
        stringData: { license: "a-licence" },
      },
    );
  }
  before = await west.everythingSettled();
  const kubeconfig = join(east.folder, "engineers.kubeconfig");
  writeFileSync(kubeconfig, merged({ "production-east": east, "production-west": west }), { mode: 0o600 });
  vi.stubEnv("KUBECONFIG", kubeconfig);
  // One backend, as two stacks of a company have.
  stacks = {
    east: await east.stack("production-east", await settings("production-east")),
    west: await east.stack("production-west", await settings("production-west")),
  };
  // The plugins read it as well, which are processes of the engine's.
  [stacks.east, stacks.west].forEach(({ workspace }) => {
    workspace.envVars["KUBECONFIG"] = kubeconfig;
  });
  east.playControllers(addresses.east);
  west.playControllers(addresses.west);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await clusters.east.delete();
  await clusters.west.delete();
});

describe("the first time", () => {
  it("east comes up alone, and says who is missing", async () => {
    const { stdout, outputs } = await stacks.east.up();
    expect(outputs["missingPeers"]?.value).toEqual(["organization/flatmesh/production-west"]);
    expect(stdout).toMatch(/warning: .*organization\/flatmesh\/production-west/);
    expect(peersOf(clusters.east)).toEqual([]);
  });

  it("west comes up linked to east, below east's root", async () => {
    const { outputs } = await stacks.west.up();
    expect(outputs["missingPeers"]?.value).toEqual([]);
    expect(peersOf(clusters.west)).toEqual([peer("east", "us-east-1")]);
    const [root, ofWest] = [rootIn(clusters.east), rootIn(clusters.west)];
    expect(ofWest.fingerprint256).toBe(root.fingerprint256);
    const intermediates = [intermediateIn(clusters.east), intermediateIn(clusters.west)];
    expect(intermediates.map((one) => one.verify(root.publicKey))).toEqual([true, true]);
    expect(intermediates[0]?.fingerprint256).not.toBe(intermediates[1]?.fingerprint256);
  });

  it("east once more is linked to west, and nothing is left to do", async () => {
    await stacks.east.up();
    expect(peersOf(clusters.east)).toEqual([peer("west", "us-west-2")]);
    for (const stack of [stacks.east, stacks.west]) {
      expect(Object.keys(changes(await stack.preview()))).toEqual(["same"]);
    }
  });
});

describe("when west is destroyed", () => {
  it("its cluster is as it was found", async () => {
    await stacks.west.destroy();
    expect(clusters.west.everything()).toEqual(before);
  });

  it("east forgets it at its next update", async () => {
    const { outputs } = await stacks.east.up();
    expect(outputs["missingPeers"]?.value).toEqual(["organization/flatmesh/production-west"]);
    expect(peersOf(clusters.east)).toEqual([]);
  });
});

/** The `flatmesh:` keys of an example as it is, in the texts that Pulumi holds. */
async function settings(stack: string): Promise<Record<string, string>> {
  const { keys } = await readStackFile(projectFolder, stack);
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/** What of a peer's Gateway comes from the other stack. */
function peer(cluster: keyof typeof addresses, region: string): object {
  return {
    name: `istio-remote-peer-${cluster}`,
    address: addresses[cluster],
    network: "flat-network",
    region,
    trustDomain: "cluster.local",
  };
}

function peersOf(cluster: FoundCluster): object[] {
  const text = cluster.kubectl("get", "gateways", "--namespace=istio-eastwest", "--output=json");
  const { items } = JSON.parse(text) as { readonly items: readonly PeerGateway[] };
  return items
    .filter(({ metadata }) => metadata.name !== "istio-eastwest")
    .map(
      ({
        metadata: { name, labels, annotations },
        spec: {
          addresses: [address],
        },
      }) => ({
        name,
        address: address?.value,
        network: labels["topology.istio.io/network"],
        region: labels["topology.kubernetes.io/region"],
        trustDomain: annotations["gateway.istio.io/trust-domain"],
      }),
    );
}

interface PeerGateway {
  readonly metadata: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly addresses: readonly { readonly value: string }[] };
}

const rootIn = (cluster: FoundCluster) => certificateIn(cluster, "root-cert.pem");
const intermediateIn = (cluster: FoundCluster) => certificateIn(cluster, "ca-cert.pem");

function certificateIn(cluster: FoundCluster, file: string): X509Certificate {
  const path = `jsonpath={.data.${file.replaceAll(".", "\\.")}}`;
  const text = cluster.kubectl("get", "secret", "cacerts", "--namespace=istio-system", "--output", path);
  return new X509Certificate(Buffer.from(text, "base64"));
}

/** One kubeconfig with a context for each cluster. */
function merged(contexts: Readonly<Record<string, FoundCluster>>): string {
  const each = Object.entries(contexts).map(
    // kwokctl calls the cluster, its user and its context by one name.
    ([name, { kubeconfig }]) => parse(kubeconfig.replaceAll("kwok-found", name)) as Kubeconfig,
  );
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: each.flatMap((one) => one.clusters),
    users: each.flatMap((one) => one.users),
    contexts: each.flatMap((one) => one.contexts),
  });
}

interface Kubeconfig {
  readonly clusters: readonly object[];
  readonly users: readonly object[];
  readonly contexts: readonly object[];
}
