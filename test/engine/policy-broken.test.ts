/**
 * Each policy broken in a plan of its own resources, as the pack itself sees it: a small mesh on two clusters, without anything
 * of this program, is brought up as it should be, and then planned with one change for each policy.
 */
import { delimiter, join } from "node:path";
import * as command from "@pulumi/command";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { rules } from "../../policy/rules";
import { projectFolder } from "../../rehearsal/program";
import { authorityKey } from "../unit/components/peering/certificates";
import type { Run } from "./support/run";
import { settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

/**
 * Each policy with the resources that break it, by their names in the program; an empty name stands for the stack as a whole.
 * Of two that disagree it is either, as the engine has them in no order.
 */
const broken: [rule: string, resources: string[]][] = [
  ["network-name", ["two-ztunnel"]],
  ["peer-gateways", ["one-peer-two"]],
  ["subnets", ["one or two"]],
  ["one-root", ["one or two-cacerts", "one or two-intermediate"]],
  ["path-length", ["one-intermediate"]],
  ["key-size", ["short"]],
  ["lifetimes", ["two-intermediate"]],
  ["plain-secrets", ["open"]],
  ["pinned-versions", ["moving"]],
  ["registries", ["foreign"]],
  ["same-versions", ["one or two-base"]],
  ["version-skew", ["one-ztunnel", "two-ztunnel"]],
  ["kept-foundations", [""]],
  ["no-demo-in-production", ["demo"]],
  ["explicit-providers", ["nowhere"]],
  ["mesh-namespaces", ["one-istio-system"]],
  ["resource-requests", ["greedy"]],
  ["readable-sources", ["script"]],
];

/** What a policy that stops nobody is. */
const advisory = ["readable-sources"];

const network = "topology.istio.io/network";
const signs = ["cert_signing", "crl_signing"];

/** A root of trust. */
function root(name: string) {
  const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const certificate = new tls.SelfSignedCert(name, {
    privateKeyPem: key.privateKeyPem,
    isCaCertificate: true,
    maxPathLength: 1,
    allowedUses: signs,
    validityPeriodHours: 87_600,
    subject: { commonName: name },
  });
  return { key, certificate };
}

type Root = ReturnType<typeof root>;

/** Names of a cluster's resources begin with its own. */
function cluster(name: string, nth: number, signer: Root, kubeconfig: string, isBroken: boolean): k8s.Provider {
  const provider = new k8s.Provider(`${name}-provider`, { kubeconfig, clusterIdentifier: name });
  const opts = { provider };
  const second = name === "two";
  new command.local.Command(name, {
    create: "kind create cluster --config -",
    stdin: JSON.stringify({
      apiVersion: "kind.x-k8s.io/v1alpha4",
      networking: { podSubnet: isBroken ? "10.10.0.0/16" : `10.${String(nth)}0.0.0/16` },
    }),
  });
  const labels = { [network]: "flat", ...(isBroken && !second && { "istio.io/dataplane-mode": "ambient" }) };
  new k8s.core.v1.Namespace(`${name}-istio-system`, { metadata: { name: "istio-system", labels } }, opts);
  const key = new tls.PrivateKey(`${name}-intermediate-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" });
  const request = new tls.CertRequest(`${name}-request`, { privateKeyPem: key.privateKeyPem });
  const intermediate = new tls.LocallySignedCert(`${name}-intermediate`, {
    certRequestPem: request.certRequestPem,
    caPrivateKeyPem: signer.key.privateKeyPem,
    caCertPem: signer.certificate.certPem,
    isCaCertificate: true,
    maxPathLength: isBroken && !second ? 1 : 0,
    allowedUses: signs,
    validityPeriodHours: isBroken && second ? 99_999 : 17_520,
  });
  const files = {
    "ca-cert.pem": intermediate.certPem,
    "ca-key.pem": key.privateKeyPem,
    "root-cert.pem": signer.certificate.certPem,
    "cert-chain.pem": intermediate.certPem,
  };
  const metadata = { name: "cacerts", namespace: "istio-system" };
  new k8s.core.v1.Secret(`${name}-cacerts`, { metadata, stringData: files }, opts);
  const chart = (part: string, version: string, values: pulumi.Inputs) =>
    new k8s.helm.v3.Release(
      `${name}-${part}`,
      {
        name: part,
        namespace: "istio-system",
        chart: `oci://ghcr.io/istio/release/charts/${part}`,
        version,
        values,
      },
      opts,
    );
  chart("base", isBroken && second ? "1.28.4" : "1.28.5", {});
  chart("istiod", "1.28.5", { global: { network: "flat", multiCluster: { clusterName: name } } });
  chart("ztunnel", isBroken ? "1.28.4" : "1.28.5", { network: isBroken && second ? "other" : "flat" });
  return provider;
}

/** What is nobody's but in a plan that breaks the policies. */
function extras(provider: k8s.Provider, kubeconfig: string): void {
  const opts = { provider };
  const deployment = (name: string, image: string, requests: Record<string, string>) =>
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { name, namespace: "shop" },
        spec: {
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { app: name } },
            spec: { containers: [{ name: "main", image, resources: { requests } }] },
          },
        },
      },
      opts,
    );
  deployment("moving", "nginx:latest", { cpu: "1", memory: "1Gi" });
  deployment("foreign", "registry.example.com/app:1.0", { cpu: "1", memory: "1Gi" });
  deployment("greedy", "nginx:1.27", {});
  new tls.PrivateKey("short", { algorithm: "RSA", rsaBits: 1024 });
  new k8s.core.v1.ConfigMap("open", { metadata: { name: "open" }, data: { key: authorityKey() } }, opts);
  new command.local.Command("script", { create: "istioctl install --set profile=ambient --skip-confirmation" });
  new k8s.core.v1.Namespace("demo", { metadata: { name: "demo" } }, opts);
  const current = new k8s.Provider("default_4_32_0", { kubeconfig });
  new k8s.core.v1.ConfigMap("nowhere", { metadata: { name: "nowhere" } }, { provider: current });
  new k8s.apiextensions.CustomResource(
    "one-peer-two",
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: {
        name: "istio-remote-peer-two",
        namespace: "istio-system",
        labels: { [network]: "flat", "topology.istio.io/cluster": "two" },
        annotations: { "gateway.istio.io/trust-domain": "cluster.local" },
      },
      spec: {
        gatewayClassName: "istio-remote",
        addresses: [{ type: "IPAddress", value: "192.0.2.1" }],
        listeners: [
          { name: "cross-network", port: 15008, protocol: "HBONE", tls: { mode: "Passthrough" } },
          { name: "xds-tls", port: 15012, protocol: "TLS", tls: { mode: "Passthrough" } },
        ],
      },
    },
    opts,
  );
}

function mesh(kubeconfig: string, isBroken: boolean): void {
  const first = root("root");
  const one = cluster("one", 1, first, kubeconfig, isBroken);
  cluster("two", 2, isBroken ? root("other") : first, kubeconfig, isBroken);
  if (isBroken) {
    extras(one, kubeconfig);
  } else {
    const name = "gateways.gateway.networking.k8s.io";
    const spec = { group: "gateway.networking.k8s.io", scope: "Namespaced", versions: [] };
    const names = { plural: "gateways", kind: "Gateway" };
    new k8s.apiextensions.v1.CustomResourceDefinition(
      "definition",
      { metadata: { name }, spec: { ...spec, names } },
      { provider: one },
    );
  }
}

const { PATH: path = "" } = process.env;
const policyPacks = [join(projectFolder, "policy")];
let world: World;
let good: Run;
let bad: Run;
beforeAll(async () => {
  process.env["PATH"] = [join(__dirname, "policy"), join(inject("pulumiRoot"), "bin"), path].join(delimiter);
  world = await World.open();
  const kubeconfig = await world.found("one");
  let isBroken = false;
  const program = (): Promise<void> => {
    mesh(kubeconfig, isBroken);
    return Promise.resolve();
  };
  const stack = await TestStack.open(world, settings(), { name: "production", program });
  expect(await stack.up()).toMatchObject({ error: undefined });
  good = await stack.preview({ policyPacks });
  isBroken = true;
  bad = await stack.preview({ policyPacks });
});
afterAll(async () => {
  process.env["PATH"] = path;
  await world.close();
});

describe("a mesh that is none of this program's", () => {
  it("is broken by every policy here", () => {
    expect(broken.map(([rule]) => rule)).toEqual(rules.map(({ name }) => name));
  });

  it("has nothing against it as it is", () => {
    expect(good).toMatchObject({ error: undefined, violations: [] });
  });

  it.each(broken)("breaks %s at %s alone", (rule, resources) => {
    const against = bad.violations.filter(({ policy }) => policy === rule);
    const named = resources
      .map((one) => one || "flatmesh-production")
      .map((one) => one.replace("one or two", "(one|two)"));
    const found = [...new Set(against.map(({ resource }) => resource))];
    expect(found).toHaveLength(named.length);
    // Which of two that differ is named is nobody's business, and so is the order.
    expect(found).toEqual(
      expect.arrayContaining(named.map((one) => expect.stringMatching(new RegExp(`^${one}$`)) as unknown)),
    );
    const level = advisory.includes(rule) ? "advisory" : "mandatory";
    expect(new Set(against.map((one) => one.level))).toEqual(new Set([level]));
  });

  it("is not planned then", () => {
    expect(bad.error).toBeDefined();
  });
});
