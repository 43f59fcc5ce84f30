import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { parse as parseYaml, stringify } from "yaml";
import type { Outputs } from "../../../components/outputs";
import environment from "../../..";
import { ofNamespace } from "../../../settings";
import { playKindMachine } from "../../support/kind-machine";
import { config, existing, kind, kwok } from "../settings/config";
import { FakeApiServer } from "../../support/fake-api-server";
import {
  type Inputs,
  type Recorded,
  type Run,
  type World,
  base64,
  kubeconfigText,
  refusals,
  run,
  valueOf,
} from "./mocks";
import { authorityKey, rootCertificate } from "./peering/certificates";

const root = join(__dirname, "..", "..", "..");
const secrets = { license: "a-licence", repoKey: "0123456789ab" };
/** Parts of what the mocks answer with that nobody may read. */
const secretTexts = ["a-licence", "private key of ", "a-client-key", "token of "];

let found: FakeApiServer;
beforeAll(async () => {
  found = await FakeApiServer.open();
});
afterAll(() => {
  found.close();
});

let folder = "";
let undo: () => void;
beforeEach(() => {
  undo = playKindMachine();
  folder = mkdtempSync(join(tmpdir(), "flatmesh-program-"));
  writeFileSync(join(folder, "gateway-api.yaml"), definitions.map((one) => stringify(one)).join("---\n"));
});
afterEach(() => {
  undo();
  rmSync(folder, { recursive: true });
});

const three = {
  ...secrets,
  clusters: [kind("a"), kwok("b"), existing("c", { kubeconfig: kubeconfigText("c") })],
  demo: true,
};
/** Control planes of others would have to reach the last one as well. */
const community = {
  ...three,
  clusters: [...three.clusters.slice(0, 2), { ...three.clusters[2], apiServer: "https://c.example.com" }],
  distribution: "community",
  license: undefined,
  repoKey: undefined,
};
const variants: readonly [string, Inputs][] = [
  ["of three sorts of cluster", three],
  ["of the community", community],
  ["linked by the chart", { ...three, linkMethod: "chart", istioVersion: "1.29.0", repoKey: undefined }],
];

describe.each(variants)("an environment %s", (_, settings) => {
  it("has components that record what they are made of, and nothing secret of it", async () => {
    const { resources } = await program(settings);
    const components = resources.filter(({ type }) => type.startsWith("flatmesh:"));
    expect(components.filter(({ inputs }) => Object.keys(inputs).length === 0)).toEqual([]);
    // A second copy of a credential in the state would change with every certificate.
    expect(components.filter((one) => one.secrets.length > 0)).toEqual([]);
    expect(secretTexts.filter((text) => JSON.stringify(components).includes(text))).toEqual([]);
  });

  it.each([false, true])("has no resource without its cluster's provider, preview %s", async (preview) => {
    const { all, resources } = await program(settings, { preview });
    const kubernetes = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    const providers = new Set(all("pulumi:providers:kubernetes").map(({ name }) => name));
    expect(providers.size).toBe(3);
    expect(new Set(kubernetes.map(({ provider }) => provider))).toEqual(providers);
    // The Pulumi name says which cluster it is for: it has to be that cluster's provider.
    expect(kubernetes.filter(({ name, provider }) => !name.startsWith(`${provider}-`))).toEqual([]);
  });

  it("has the same plan in the first preview as in the end", async () => {
    const names = ({ resources }: Run<unknown>) => resources.map(({ type, name }) => `${type} ${name}`).sort();
    expect(names(await program(settings, { preview: true }))).toEqual(names(await program(settings)));
  });

  it("has every name in the plan once", async () => {
    const { resources } = await program(settings);
    const urns = resources.map(({ type, name }) => `${type} ${name}`);
    expect(new Set(urns).size).toBe(urns.length);
  });

  it("puts no secret where it can be read", async () => {
    const { resources, value } = await program(settings);
    expect(resources.filter(({ secrets }) => secrets.length > 0)).not.toEqual([]);
    expect(resources.flatMap(readable).filter(holdsSecret)).toEqual([]);
    expect(JSON.stringify(await open(value)).match(/a-client-key/g)).toBeNull();
    // A stack that peers reads all outputs: no administrator of a cluster is among them.
    expect(await open(value.clusters)).not.toEqual({});
    expect(JSON.stringify(await open(value.clusters))).not.toMatch(/kubeconfig|client-key|token/);
    expect(await Promise.all(Object.values(value.remoteAccess ?? {}).map(pulumi.isSecret))).not.toContain(false);
  });
});

describe("an existing cluster whose kubeconfig another stack is yet to make", () => {
  const source = { stack: "organization/eks/prod", output: "kubeconfig" };
  // A map, with the address of what plays its API server.
  const made = () => ({
    [source.stack]: {
      kubeconfig: JSON.parse(
        kubeconfigText("c").replace('https://127.0.0.1:6443"', `${found.url}","insecure-skip-tls-verify":true`),
      ) as unknown,
    },
  });

  it.each<readonly [string, Inputs]>([
    ...variants,
    ["with certificates of others", { ...three, root: { existing: true } }],
  ])(
    "is planned as it will be made, in an environment %s, with all that depends on it unknown",
    async (_, settings) => {
      const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
      const clusters = (settings["clusters"] as readonly Inputs[]).map((cluster) =>
        cluster["provisioner"] === "existing" ? { ...cluster, kubeconfig: source, context: undefined } : cluster,
      );
      const plan = await program({ ...settings, clusters }, { preview: true });
      expect(warn).toHaveBeenCalledWith(
        expect.stringMatching(
          /^Output kubeconfig of stack organization\/eks\/prod, the kubeconfig of cluster c, does not/,
        ),
      );
      warn.mockRestore();
      const { kubeconfig, context, clusterIdentifier } = plan.one("pulumi:providers:kubernetes", "c").inputs;
      expect([kubeconfig, context, clusterIdentifier]).toEqual([undefined, undefined, "c"]);
      const names = ({ resources }: Run<unknown>) => resources.map(({ type, name }) => `${type} ${name}`).sort();
      if (settings["root"] === undefined) {
        const up = await program({ ...settings, clusters }, { stacks: made() });
        expect(names(plan)).toEqual(names(up));
        expect(up.one("pulumi:providers:kubernetes", "c").secrets).toEqual(["kubeconfig"]);
        expect(await valueOf(up.value.clusters["c"]?.context ?? pulumi.output(""))).toBe("c");
      }
    },
  );

  it("keeps the context that the settings name", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const clusters = [existing("c", { kubeconfig: source, context: "named" })];
    const { one } = await program({ ...three, clusters }, { preview: true });
    warn.mockRestore();
    expect(one("pulumi:providers:kubernetes").inputs).toMatchObject({ context: "named" });
  });
});

describe("the dev environment", () => {
  const { config: file } = parseYaml(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8")) as { config: Inputs };
  const dev = { ...secrets, ...ofNamespace(file) };

  it("is the guide's: two kind clusters with its subnets on one network", async () => {
    const { value } = await program(dev);
    const output = {
      context: undefined,
      network: "flat-network",
      trustDomain: "cluster.local",
      platform: "kubernetes",
    };
    expect(await open(value)).toMatchObject({
      clusters: {
        "cluster-1": {
          ...output,
          context: "kind-cluster-1",
          podSubnet: "10.10.0.0/16",
          serviceSubnet: "10.255.10.0/24",
        },
        "cluster-2": {
          ...output,
          context: "kind-cluster-2",
          podSubnet: "10.20.0.0/16",
          serviceSubnet: "10.255.20.0/24",
        },
      },
      eastWestAddresses: {
        "cluster-1": { type: "IPAddress", value: "172.18.0.100" },
        "cluster-2": { type: "IPAddress", value: "172.18.0.100" },
      },
      rootCertificate: "certificate of root\n",
      links: [
        { from: "cluster-1", to: "cluster-2", via: "peer Gateway" },
        { from: "cluster-2", to: "cluster-1", via: "peer Gateway" },
      ],
      missingPeers: [],
    });
    expect(value.topology).toContain("c_cluster_1 <-->|peer Gateway| c_cluster_2");
    expect(value).not.toHaveProperty("remoteAccess");
    expect(value).not.toHaveProperty("intermediates");
  });

  it("keeps every resource off the engineer's current context", () => {
    expect(file["pulumi:disable-default-providers"]).toEqual(["kubernetes"]);
  });

  it("has the demo in versions v1 and v2", async () => {
    const { all } = await program(dev);
    expect(versions(all("Deployment"))).toEqual({ "cluster-1": "v1", "cluster-2": "v2" });
  });

  it("has load balancers for kind clusters, and none where the settings say so", async () => {
    const count = ({ all }: Run<unknown>) => all("flatmesh:clusters:LoadBalancers").length;
    expect(count(await program(dev))).toBe(1);
    expect(count(await program({ ...dev, loadBalancer: "none" }))).toBe(0);
    const community = { ...dev, distribution: "community", istioVersion: "", license: "", repoKey: "" };
    expect(count(await program(community))).toBe(0);
    expect(count(await program({ ...community, loadBalancer: "cloud-provider-kind" }))).toBe(1);
  });

  it("has contexts for its clusters where they are wanted", async () => {
    const contexts = ({ all }: Run<unknown>) =>
      all("Command").flatMap(({ name, inputs }) =>
        name.endsWith("-context") ? [(inputs["environment"] as Inputs)["NAME"]] : [],
      );
    expect(contexts(await program(dev))).toEqual([]);
    expect(contexts(await program({ ...dev, contexts: true }))).toEqual(["kind-cluster-1", "kind-cluster-2"]);
  });

  it("loads the images of its mesh and its demo, and what else is named, into its nodes", async () => {
    const { calls } = await program({ ...dev, preloadImages: ["registry.example.com/other:1"] });
    const lookups = calls.flatMap(({ inputs }) => {
      const { IMAGES } = (inputs["environment"] ?? {}) as Inputs;
      return typeof IMAGES === "string" ? [IMAGES.split("\n")] : [];
    });
    const hub = "us-docker.pkg.dev/gloo-mesh/istio-0123456789ab";
    expect(lookups).toHaveLength(1);
    expect(lookups[0]).toEqual(
      expect.arrayContaining([
        `${hub}/pilot:1.28.5-solo-distroless`,
        `${hub}/ztunnel:1.28.5-solo-distroless`,
        "docker.io/curlimages/curl:8.16.0",
        "registry.example.com/other:1",
      ]),
    );
  });
});

describe("the network's name", () => {
  it.each([false, true])("is the same in all of its places, preview %s", async (preview) => {
    const { resources } = await program({ ...three, network: "other-network" }, { preview });
    const text = JSON.stringify(resources);
    expect(text).not.toContain("flat-network");
    const label = (type: string) =>
      resources
        .filter((resource) => resource.type.endsWith(type))
        .flatMap(
          ({ inputs }) => (inputs["metadata"] as { labels?: Inputs }).labels?.["topology.istio.io/network"] ?? [],
        );
    // In each of three clusters: the namespace istio-system; the east-west Gateway, and a Gateway for either peer.
    expect(label(":Namespace")).toEqual(Array(3).fill("other-network"));
    expect(label(":Gateway")).toEqual(Array(9).fill("other-network"));
    const values = (name: string) =>
      resources.filter(({ inputs }) => inputs["name"] === name).map(({ inputs }) => inputs["values"]);
    expect(values("istiod")).toMatchObject(Array(3).fill({ global: { network: "other-network" } }));
    expect(values("ztunnel")).toMatchObject(Array(3).fill({ network: "other-network" }));
  });
});

describe("the outputs", () => {
  it("tell of a cluster what a peer has to know, and leave out what is not known", async () => {
    const clusters = [
      existing("c", { kubeconfig: kubeconfigText("c"), platform: "gke", region: "eu", zone: "eu-1" }),
      kwok("b"),
    ];
    const { value } = await program({ ...three, clusters });
    expect(Object.keys(value.clusters["c"] ?? {}).sort()).toEqual([
      "context",
      "network",
      "platform",
      "region",
      "trustDomain",
      "zone",
    ]);
    expect(value.clusters["c"]).toMatchObject({ platform: "gke", region: "eu", zone: "eu-1" });
  });

  it("have readers' kubeconfigs in the community's distribution alone, where there are other stacks", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    expect((await program(community)).value).not.toHaveProperty("remoteAccess");
    const { value } = await program({ ...community, peerStacks: ["organization/flatmesh/east"] });
    warn.mockRestore();
    expect(Object.keys(value.remoteAccess ?? {})).toEqual(["a", "b", "c"]);
    expect(value.eastWestAddresses).toEqual({});
  });

  it("tell peers in one of their own, without a secret, and kind clusters by whom they belong to", async () => {
    const { value } = await program(three);
    const told = (await open(value.meshPeer)) as Record<string, Inputs>;
    expect(JSON.stringify(told)).not.toMatch(/kubeconfig|client-key|token|PRIVATE/);
    expect(told).toMatchObject({
      version: 1,
      distribution: "solo",
      network: "flat-network",
      trustDomain: "cluster.local",
    });
    expect(told["clusters"]).toMatchObject({
      a: { context: "kind-a", address: { type: "IPAddress" }, kind: { machineName: "a", owner: "0123456789abcdef" } },
      b: { context: "kwok-b" },
      c: { context: "c" },
    });
    expect(Object.keys((told["clusters"] as Inputs)["b"] as Inputs)).not.toContain("kind");
    expect(told["roots"]).toEqual({ trusted: { first: "certificate of root\n" }, signing: "first" });
  });

  it("have the root where someone else keeps the certificates, and signed intermediates where others need them", async () => {
    const key = authorityKey();
    const certificate = rootCertificate(key);
    const pem = base64(certificate);
    const data = { "ca-cert.pem": pem, "ca-key.pem": base64(key), "cert-chain.pem": pem, "root-cert.pem": pem };
    found.objects.set("/api/v1/namespaces/istio-system/secrets/cacerts", { data });
    const { value } = await program({ ...three, root: { existing: true } });
    found.objects.clear();
    expect(await valueOf(pulumi.output(value.rootCertificate))).toBe(certificate);
    const keeper = await program({ ...three, root: { generate: { issueFor: ["d"] } } });
    expect(Object.keys(keeper.value.intermediates ?? {})).toEqual(["d"]);
    expect(await pulumi.isSecret(keeper.value.intermediates?.["d"] ?? pulumi.output(""))).toBe(true);
  });

  it("name the peers that are missing", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    const { value } = await program({ ...three, peerStacks: ["organization/flatmesh/east"] });
    expect(value.missingPeers).toEqual(["organization/flatmesh/east"]);
    warn.mockRestore();
  });
});

describe("an environment that is refused", () => {
  const other = "organization/flatmesh/other";
  const stacks = { [other]: { clusters: {}, rootCertificate: rootCertificate(authorityKey()) } };
  it.each<[string, Inputs, World, RegExp]>([
    ["for its settings", { license: undefined }, {}, /license/],
    ["for a peer that it can't share a mesh with", { peerStacks: [other] }, { stacks }, /another root/],
    ["for a peer that is missing", { peerStacks: [other], requirePeers: true }, {}, /requirePeers/],
    [
      "for certificates that nobody keeps",
      { root: { existing: true } },
      {},
      /cluster c: Secret \S+\/cacerts does not exist/,
    ],
    [
      "for a kubeconfig that another stack has not made yet",
      { clusters: [existing("c", { kubeconfig: { stack: other, output: "kubeconfig" } })] },
      { stacks },
      /^Output kubeconfig of stack organization\/flatmesh\/other, .* does not exist\. The stack has clusters, rootCertificate\. Run/,
    ],
    ["for certificates that nobody has signed", { root: { stack: other } }, { stacks }, /no intermediate for a, b, c/],
  ])("%s has made nothing", async (_, changes, world, message) => {
    const made: string[] = [];
    const onResource = ({ type }: Recorded) => made.push(type);
    const messages = await refusals(() => program({ ...three, ...changes }, { ...world, onResource }));
    expect(messages).toEqual([expect.stringMatching(message)]);
    expect(made).toEqual([]);
  });
});

describe("the demo", () => {
  it("is left out unless it is asked for", async () => {
    expect((await program({ ...three, demo: false })).all("flatmesh:demo:DemoApp")).toEqual([]);
  });

  it("has a version a cluster, in the order of the settings", async () => {
    const { all } = await program(three);
    expect(versions(all("Deployment"))).toEqual({ a: "v1", b: "v2", c: "v3" });
  });
});

/** Definitions of no release, so that any digest will do. */
const definitions = [
  { kind: "Gateway", plural: "gateways" },
  { kind: "GatewayClass", plural: "gatewayclasses" },
].map((names) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${names.plural}.gateway.networking.k8s.io` },
  spec: {
    group: "gateway.networking.k8s.io",
    names,
    scope: "Namespaced",
    versions: [{ name: "v1", served: true, storage: true }],
  },
}));

/** Runs index.ts with these settings, as a stack of the program has them. */
function program(settings: Inputs, world?: World): Promise<Run<Outputs>> {
  const all: Inputs = {
    ...settings,
    gatewayApi: { version: "v1.99.0", manifests: join(folder, "gateway-api.yaml") },
  };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  const texts = Object.entries(config(Object.fromEntries(given))).map(([key, text]) => [
    `flatmesh:${key}`,
    // What a found cluster has is read before the program makes anything.
    text.replaceAll(String.raw`https://127.0.0.1:6443\"`, String.raw`${found.url}\",\"insecure-skip-tls-verify\":true`),
  ]);
  return run(() => {
    pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>);
    return environment();
  }, world);
}

/** What stands in the clear in a plan and in a state. */
function readable({ type, name, inputs, secrets }: Recorded): string[] {
  const open = Object.entries(inputs).filter(([key]) => !secrets.includes(key));
  return open.map(([key, value]) => `${type} ${name} ${key}: ${JSON.stringify(value)}`);
}

function holdsSecret(text: string): boolean {
  return secretTexts.some((secret) => text.includes(secret));
}

/** A stack's outputs with undefined for its secrets. */
async function open(value: unknown): Promise<unknown> {
  if (pulumi.Output.isInstance(value)) {
    return (await pulumi.isSecret(value)) ? undefined : open(await valueOf(value));
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return value;
  }
  const entries = Object.entries(value).map(async ([key, entry]) => [key, await open(entry)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** The version that the global service answers with, by cluster. */
function versions(deployments: readonly Recorded[]): Record<string, unknown> {
  return Object.fromEntries(
    deployments
      .filter(({ name }) => name.endsWith("-global-service"))
      .map(({ provider, inputs }) => [
        provider.replace(/-[0-9a-f]{8}$/, ""),
        (inputs["metadata"] as { labels: Inputs }).labels["version"],
      ]),
  );
}
