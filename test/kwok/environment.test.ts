/**
 * The main job: the environment of Pulumi.dev.yaml, rehearsed on two API servers. What is in them afterwards is compared
 * with the vendor's guide; what no API server can show (traffic, what istiod makes of a Gateway) is for real clusters.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { projectFolder } from "../../rehearsal/program";
import type { Results } from "../../rehearsal/results";
import type { StackKeys } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { Environment } from "./environment";
import { OpenSsl } from "./openssl";

const clusters = ["cluster-1", "cluster-2"];
const peerOf: Readonly<Record<string, string>> = { "cluster-1": "cluster-2", "cluster-2": "cluster-1" };
const address: Readonly<Record<string, string>> = { "cluster-1": "10.255.10.254", "cluster-2": "10.255.20.254" };

let environment: Environment;
let keys: StackKeys;
let results: Results;

beforeAll(async () => {
  environment = await Environment.open();
  ({ keys } = await readStackFile(projectFolder, "dev"));
  results = await environment.rehearse(keys);
});
afterAll(() => environment.down());

it("is held to the policies, none of which is against it", () => {
  expect(results.violations).toEqual([]);
  expect(results.report).toMatchObject({ exitCode: 0, clusters: ["cluster-1", "cluster-2"] });
});

describe("the outputs", () => {
  it("give the addresses and the links of both clusters", () => {
    expect(results.eastWestAddresses).toEqual({
      "cluster-1": { type: "IPAddress", value: address["cluster-1"] },
      "cluster-2": { type: "IPAddress", value: address["cluster-2"] },
    });
    expect(results.links).toEqual([
      { from: "cluster-1", to: "cluster-2", via: "peer Gateway" },
      { from: "cluster-2", to: "cluster-1", via: "peer Gateway" },
    ]);
    expect(results.missingPeers).toEqual([]);
  });

  it("are kept without a secret, and kubeconfigs where only their owner reads them", () => {
    const text = readFileSync(join(environment.folder, "outputs.json"), "utf8");
    expect(text).not.toMatch(/PRIVATE KEY|client-key|kubeconfig/);
    expect(outputs(environment)).toMatchObject({ clusters: { "cluster-1": { context: "kwok-cluster-1" } } });
    for (const cluster of clusters) {
      expect(statSync(join(environment.folder, `${cluster}.kubeconfig`)).mode & 0o777).toBe(0o600);
    }
  });

  it("are told at the console, with what the rehearsal changed, and without a secret", () => {
    const told = environment.transcript.told.join("\n");
    expect(told).toContain("cluster-1 is a kwok cluster instead of a kind one");
    expect(told).toContain("placeholder stands for the missing licence");
    expect(told).not.toMatch(/PRIVATE KEY|client-key-data/);
  });
});

describe.each(clusters)("%s", (cluster) => {
  const peer = peerOf[cluster] ?? "";

  it("has the network's name in all five places", () => {
    const { metadata } = environment.get(cluster, "namespace", "istio-system");
    const istiod = environment.kubectl(cluster, "get", "deployment", "istiod", "-n", "istio-system", "-o", "yaml");
    const injector = environment.kubectl(
      cluster,
      "get",
      "cm",
      "istio-sidecar-injector",
      "-n",
      "istio-system",
      "-o",
      "json",
    );
    const ztunnel = environment.kubectl(cluster, "get", "daemonset", "ztunnel", "-n", "istio-system", "-o", "json");
    const label = "topology.istio.io/network";
    expect(metadata.labels?.[label]).toBe("flat-network");
    expect(istiod).toContain("PEERING_ENABLE_FLAT_NETWORKS");
    expect(injector).toMatch(/\\"network\\": \\"flat-network\\"/);
    expect(ztunnel).toMatch(/"name": "NETWORK",\s+"value": "flat-network"/);
    expect(environment.get(cluster, "gateway", "istio-eastwest", "istio-eastwest").metadata.labels?.[label]).toBe(
      "flat-network",
    );
    expect(
      environment.get(cluster, "gateway", `istio-remote-peer-${peer}`, "istio-eastwest").metadata.labels?.[label],
    ).toBe("flat-network");
  });

  it("has the releases and the Gateways that the guide has, and no other", () => {
    const secrets = environment.names(cluster, "secrets", "istio-system");
    expect(secrets.filter((name) => name.startsWith("sh.helm"))).toEqual([
      "sh.helm.release.v1.istio-base.v1",
      "sh.helm.release.v1.istio-cni.v1",
      "sh.helm.release.v1.istiod.v1",
      "sh.helm.release.v1.ztunnel.v1",
    ]);
    expect(environment.names(cluster, "gateways", "istio-eastwest")).toEqual([
      "istio-eastwest",
      `istio-remote-peer-${peer}`,
    ]);
  });

  it.each([
    ["eastwest-gateway.yaml", "istio-eastwest"],
    ["peer-gateway.yaml", `istio-remote-peer-${peer}`],
  ])("has the Gateway of %s, programmed", (file, name) => {
    const gateway = environment.get(cluster, "gateway", name, "istio-eastwest");
    expect(gateway).toMatchObject(guide(file, { cluster, peer, EW_ADDRESS: address[peer] ?? "" }));
    expect(gateway["status"]).toMatchObject({
      conditions: expect.arrayContaining([expect.objectContaining({ type: "Programmed", status: "True" })]) as unknown,
    });
  });

  it("has the Gateway API's definitions, established", () => {
    const text = environment.kubectl(cluster, "get", "crds", "-o", "json");
    const { items } = JSON.parse(text) as { readonly items: readonly Definition[] };
    const gatewayApi = items.filter(({ metadata }) => metadata.name.endsWith(".gateway.networking.k8s.io"));
    expect(gatewayApi.map(({ metadata }) => metadata.name.split(".")[0])).toEqual([
      "backendtlspolicies",
      "gatewayclasses",
      "gateways",
      "grpcroutes",
      "httproutes",
      "referencegrants",
    ]);
    for (const { metadata, status } of gatewayApi) {
      expect(metadata.annotations["gateway.networking.k8s.io/bundle-version"]).toBe("v1.4.0");
      expect(status.conditions).toContainEqual(expect.objectContaining({ type: "Established", status: "True" }));
    }
  });

  it("has pods of its own subnet on every workload of the mesh and the demo", () => {
    const text = environment.kubectl(cluster, "get", "pods", "--all-namespaces", "-o", "json");
    const { items } = JSON.parse(text) as { readonly items: readonly Pod[] };
    const apps = items.map(({ metadata }) => metadata.labels["app"] ?? metadata.labels["k8s-app"]).sort();
    expect(apps).toEqual(["global-service", "global-service", "istio-cni-node", "istiod", "sleep", "ztunnel"]);
    const own = cluster === "cluster-1" ? /^10\.10\./ : /^10\.20\./;
    for (const { spec, status } of items.filter((pod) => pod.spec.hostNetwork !== true)) {
      expect(spec.hostNetwork ?? false).toBe(false);
      expect(status.podIP).toMatch(own);
    }
  });

  it("has the demo in the ambient mesh, with a version of its own behind one global service", () => {
    const namespace = environment.get(cluster, "namespace", "demo");
    const service = environment.get(cluster, "service", "global-service", "demo");
    const deployment = environment.get(cluster, "deployment", "global-service", "demo");
    const version = cluster === "cluster-1" ? "v1" : "v2";
    expect(namespace.metadata.labels).toMatchObject({ "istio.io/dataplane-mode": "ambient" });
    expect(service.metadata.labels).toMatchObject({ "solo.io/service-scope": "global" });
    expect(service).toMatchObject({ spec: { ports: [{ port: 5000 }], selector: { app: "global-service" } } });
    expect(deployment).toMatchObject({
      spec: { replicas: 2, template: { metadata: { labels: { version } } } },
      status: { readyReplicas: 2 },
    });
    expect(environment.get(cluster, "deployment", "sleep", "demo")).toMatchObject({
      spec: { template: { spec: { containers: [{ image: expect.stringMatching(/curl:\d/) as unknown }] } } },
    });
  });

  it("has an intermediate of its own that openssl verifies against the root", () => {
    const secret = environment.get(cluster, "secret", "cacerts", "istio-system");
    const files = Object.entries(secret["data"] as Readonly<Record<string, string>>).map(
      ([name, base64]) => [name, Buffer.from(base64, "base64").toString("utf8")] as const,
    );
    const { "ca-cert.pem": intermediate, "root-cert.pem": root, "cert-chain.pem": chain } = Object.fromEntries(files);
    expect(files.map(([name]) => name).sort()).toEqual([
      "ca-cert.pem",
      "ca-key.pem",
      "cert-chain.pem",
      "root-cert.pem",
    ]);
    expect(chain).toBe(`${intermediate ?? ""}${root ?? ""}`);
    expect(outputs(environment)).toMatchObject({ rootCertificate: root });

    const openssl = new OpenSsl(files);
    try {
      expect(openssl.run("verify -x509_strict -CAfile root-cert.pem ca-cert.pem")).toContain("ca-cert.pem: OK");
      expect(openssl.run("pkey -in ca-key.pem -pubout")).toBe(openssl.run("x509 -in ca-cert.pem -noout -pubkey"));
      const text = openssl.run("x509 -in ca-cert.pem -noout -text");
      expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE/);
      expect(text).toMatch(/Key Usage: critical\s+.*Certificate Sign/);
      expect(text).toContain("DNS:istiod.istio-system.svc");
      expect(text).toMatch(new RegExp(`Subject: .*L ?= ?${cluster}`));
      expect(() => {
        openssl.verifyBelow("ca-cert.pem", "ca-key.pem", "root-cert.pem");
      }).toThrow(/path length constraint exceeded/);
    } finally {
      openssl.close();
    }
  });
});

describe("manifests", () => {
  const policies = (mode: string) => `
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: ${mode}}}
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: mesh, namespace: istio-system}
spec: {accessLogging: [{providers: [{name: envoy}]}]}
`;
  const workload = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Secret
metadata: {name: password, namespace: shop}
stringData: {password: hunter2}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1", resources: {requests: {cpu: 0.01, memory: 16Mi}}}]}
`;

  const folder = () => join(environment.folder, "own");
  const write = (name: string, text: string) => {
    writeFileSync(join(folder(), name), text);
  };

  it("are applied in every cluster", async () => {
    mkdirSync(folder());
    write("policies.yaml", policies("STRICT"));
    write("workload.yaml", workload);
    keys = { ...keys, manifests: [folder()] };
    const { changes } = await environment.rehearse(keys);
    // Five objects and a component in each cluster.
    expect(changes).toEqual({ same: expect.any(Number) as unknown, create: 12 });
    expect(environment.get("cluster-2", "deployment", "web", "shop")).toMatchObject({ status: { readyReplicas: 1 } });
    expect(environment.transcript.told.join("\n")).not.toContain("hunter2");
  });

  it("are changed and taken away with their files; where they move to another one, nothing changes", async () => {
    rmSync(folder(), { recursive: true });
    mkdirSync(folder());
    write("moved.yaml", policies("PERMISSIVE"));
    const { changes } = await environment.rehearse(keys);
    expect(changes).toEqual({ same: expect.any(Number) as unknown, update: 2, delete: 6 });
    expect(environment.get("cluster-1", "peerauthentication", "default", "istio-system")).toMatchObject({
      spec: { mtls: { mode: "PERMISSIVE" } },
    });
    expect(environment.names("cluster-1", "telemetries", "istio-system")).toEqual(["mesh"]);
    expect(environment.names("cluster-2", "namespaces", "default")).not.toContain("shop");
  });
});

describe("afterwards", () => {
  it("a second rehearsal changes nothing", async () => {
    const again = await environment.rehearse(keys);
    expect(Object.keys(again.changes)).toEqual(["same"]);
  });

  it("every process of it can be told, and none is left when it is taken away, nor is its folder", async () => {
    expect((await environment.processes()).length).toBeGreaterThanOrEqual(10);
    await environment.down();
    expect(await environment.processes()).toEqual([]);
    expect(existsSync(environment.folder)).toBe(false);
  });
});

interface Definition {
  readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
  readonly status: { readonly conditions: readonly object[] };
}

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly hostNetwork?: boolean };
  readonly status: { readonly podIP: string };
}

/** What the rehearsal has written of the stack's outputs. */
function outputs({ folder }: Environment): unknown {
  return JSON.parse(readFileSync(join(folder, "outputs.json"), "utf8"));
}

/** A document of the guide with its shell variables filled in. */
function guide(file: string, variables: Readonly<Record<string, string>>): object {
  const text = readFileSync(join(projectFolder, "test", "unit", "mesh", "golden", file), "utf8");
  return parse(text.replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? "")) as object;
}
