/**
 * The policies over what the real engine has recorded of the whole program: nothing is against a stack as it is, and one rule
 * is against each change that breaks it. And the pack itself, started by the engine.
 */
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { evaluate, resourcesOfState, rules } from "../../policy/rules";
import { projectFolder } from "../../rehearsal/program";
import { authorityKey, rootCertificate } from "../unit/components/peering/certificates";
import { kwok, licence, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const Deployment = z.looseObject({
  resources: z.array(z.looseObject({ urn: z.string(), type: z.string(), inputs: z.json().optional() })),
});
type Deployment = z.output<typeof Deployment>;

let world: World;
let stack: TestStack;
let recorded: Deployment;
beforeAll(async () => {
  world = await World.open();
  stack = await TestStack.open(world, settings());
  expect(await stack.up()).toMatchObject({ error: undefined });
  recorded = Deployment.parse(await stack.deployment());
});
afterAll(() => world.close());

function otherRoot(): string {
  return `"caCertPem":${JSON.stringify(rootCertificate(authorityKey()))}`;
}

/** What the rules have against a state, by name, once each. */
function against(deployment: unknown, before: unknown): string[] {
  const violations = evaluate({ resources: resourcesOfState(deployment), before: resourcesOfState(before) }, rules);
  return [...new Set(violations.map(({ rule }) => rule))];
}

/** The state with its resources whose URN ends like this changed as texts: every secret is a text in it. */
function changed(urn: RegExp, from: string | RegExp, to: string): Deployment {
  const resources = recorded.resources.map((one) =>
    urn.test(one.urn) ? (JSON.parse(JSON.stringify(one).replaceAll(from, to)) as typeof one) : one,
  );
  expect(resources).not.toEqual(recorded.resources);
  return { ...recorded, resources };
}

describe("policies", () => {
  it("have nothing against a stack as it is", () => {
    expect(recorded.resources.length).toBeGreaterThan(60);
    expect(against(recorded, recorded)).toEqual([]);
  });

  const breaks: [rule: string, what: string, deployment: () => Deployment][] = [
    ["kept-foundations", "base goes", () => without(/::a-\w+-istio-base$/)],
    ["kept-foundations", "the root goes", () => without(/SelfSignedCert::root$/)],
    ["network-name", "of a peer", () => changed(/a-\w+-peer-b$/, "flat-network", "b")],
    ["network-name", "of a ztunnel", () => changed(/b-\w+-ztunnel$/, "flat-network", "other")],
    [
      "network-name",
      "of a namespace",
      () => changed(/b-\w+-istio-system$/, /"topology.istio.io.network":"[^"]*"/g, '"x":"y"'),
    ],
    [
      "peer-gateways",
      "without service account",
      () => changed(/a-\w+-peer-b$/, "gateway.istio.io/service-account", "x"),
    ],
    [
      "peer-gateways",
      "of itself",
      () => changed(/a-\w+-peer-b$/, '"topology.istio.io/cluster":"b"', '"topology.istio.io/cluster":"a"'),
    ],
    ["subnets", "overlap", () => changed(/Command::b-\w+$/, "10.20.0.0/16", "10.10.0.0/16")],
    ["one-root", "of two", () => changed(/LocallySignedCert::b-intermediate$/, /"caCertPem":"[^"]*"/g, otherRoot())],
    [
      "path-length",
      "of an intermediate",
      () => changed(/LocallySignedCert::a-intermediate$/, '"maxPathLength":0', '"maxPathLength":1'),
    ],
    ["key-size", "of an intermediate", () => changed(/PrivateKey::a-intermediate$/, "P256", "P224")],
    [
      "lifetimes",
      "of an intermediate",
      () => changed(/LocallySignedCert::a-intermediate$/, '"validityPeriodHours":17520', '"validityPeriodHours":99999'),
    ],
    [
      "plain-secrets",
      "a licence",
      () => changed(/a-\w+-istiod$/, /\{"4dabf[^{}]*plaintext":"\\"licence[^{}]*\}/g, `"${licence}"`),
    ],
    ["pinned-versions", "no version", () => changed(/a-\w+-istio-cni$/, /"version":"[^"]*"/g, '"version":""')],
    ["pinned-versions", "an image's", () => changed(/Deployment::a-\w+-sleep$/, "curl:8.16.0", "curl:latest")],
    ["registries", "of a chart", () => changed(/[ab]-\w+-istio-cni$/, "oci://us-docker.pkg.dev", "oci://example.com")],
    ["same-versions", "of base", () => changed(/a-\w+-istio-base$/, "1.28.5", "1.28.4")],
    ["version-skew", "of ztunnel", () => changed(/[ab]-\w+-ztunnel$/, "1.28.5", "1.28.4")],
    [
      "explicit-providers",
      "of a cluster",
      () => changed(/./, /(pulumi:providers:kubernetes)::a-[0-9a-f]{8}/g, "$1::default_4_32_0"),
    ],
    [
      "mesh-namespaces",
      "enrolled",
      () =>
        changed(/a-\w+-istio-eastwest$/, '"metadata":{', '"metadata":{"labels":{"istio.io/dataplane-mode":"ambient"},'),
    ],
    ["resource-requests", "of a demo", () => changed(/Deployment::a-\w+-sleep$/, '"cpu":"10m",', "")],
    ["readable-sources", "a script", () => changed(/Command::b-\w+$/, '"create":"', '"create":"istioctl install -y; ')],
    [
      "no-demo-in-production",
      "by the stack's name",
      () => changed(/./, "urn:pulumi:test::", "urn:pulumi:production::"),
    ],
  ];
  it.each(breaks)("%s: %s", (rule, _what, deployment) => {
    const broken = deployment();
    // Of the others, some are no change of a stack but another stack.
    expect(against(broken, rule === "kept-foundations" ? recorded : broken)).toEqual([rule]);
  });

  it("are all broken here", () => {
    expect(new Set(breaks.map(([rule]) => rule))).toEqual(new Set(rules.map(({ name }) => name)));
  });
});

function without(urn: RegExp): Deployment {
  const resources = recorded.resources.filter((one) => !urn.test(one.urn));
  expect(resources.length).toBeLessThan(recorded.resources.length);
  return { ...recorded, resources };
}

/** Settings of a stack of one cluster whose root is replaced. */
function replacing(root: object): StackSettings {
  return settings({ clusters: [kwok("r")], demo: false, root: { generate: {}, ...root } });
}

/** A file that configures the pack. */
function policyConfig(config: object): string {
  const file = join(world.folder, "policy.json");
  writeFileSync(file, JSON.stringify(config));
  return file;
}

describe("the pack, started by the engine", () => {
  const { PATH: path = "" } = process.env;
  const policyPacks = [join(projectFolder, "policy")];
  beforeAll(() => {
    // Where Pulumi's own CLI has its language host.
    process.env["PATH"] = [join(__dirname, "policy"), join(inject("pulumiRoot"), "bin"), path].join(delimiter);
  });
  afterAll(() => {
    process.env["PATH"] = path;
  });

  it("has nothing against the program", async () => {
    expect(await stack.preview({ policyPacks })).toMatchObject({ error: undefined, violations: [] });
  });

  it("has nothing against a first plan, most of whose values are not known", async () => {
    const first = await TestStack.open(world, settings(), { name: "first" });
    expect(await first.preview({ policyPacks })).toMatchObject({ error: undefined, violations: [] });
  });

  it("lets the old root go in the last stage of its replacement only where that is allowed", async () => {
    const replaced = await TestStack.open(world, replacing({}), { name: "replaced" });
    const both = { trusted: ["first", 2027] };
    for (const root of [{}, { ...both, signing: "first" }, { ...both, signing: 2027 }]) {
      await replaced.configure(replacing({ ...root, unverified: 2027 }));
      expect(await replaced.preview({ policyPacks })).toMatchObject({ error: undefined, violations: [] });
      expect(await replaced.up()).toMatchObject({ error: undefined });
    }
    await replaced.configure(replacing({ trusted: [2027], unverified: "first" }));
    const { violations, error } = await replaced.preview({ policyPacks });
    expect(error).toBeDefined();
    expect(violations.map(({ policy, level, message }) => [policy, level, message])).toEqual(
      ["PrivateKey", "SelfSignedCert"].map((type) => [
        "kept-foundations",
        "mandatory",
        expect.stringMatching(`root \\(${type}\\) would be deleted.*"root" to the policy.s parameter allow`) as string,
      ]),
    );
    const policyPackConfigs = [policyConfig({ "kept-foundations": { allow: ["root"] } })];
    expect(await replaced.preview({ policyPacks, policyPackConfigs })).toMatchObject({
      error: undefined,
      violations: [],
    });
  });

  it("is configured by a file: levels, and bounds", async () => {
    const file = policyConfig({ lifetimes: { enforcementLevel: "advisory", maxRootDays: 400 } });
    const { violations, error } = await stack.preview({ policyPacks, policyPackConfigs: [file] });
    expect(error).toBeUndefined();
    // The root itself, and the Secret of each cluster that has it.
    expect(violations.map(({ policy, level }) => [policy, level])).toEqual(
      Array.from({ length: 3 }, () => ["lifetimes", "advisory"]),
    );
  });

  it("sees a licence that stands in the stack's file as it is", async () => {
    const other = await TestStack.open(world, settings({ license: "plain-licence-of-a-stack" }), { name: "open" });
    const { violations } = await other.preview({ policyPacks });
    expect(violations).toMatchObject([{ policy: "plain-secrets", level: "mandatory" }]);
    expect(violations[0]?.message).toContain("pulumi config set --secret 'flatmesh:license'");
    expect(violations[0]?.message).not.toContain("plain-licence");
  });

  it("tells a key that is a secret from one that is not", async () => {
    const kubeconfig = await world.found("one");
    const key = authorityKey();
    const program = (): Promise<void> => {
      const provider = new k8s.Provider("one", { kubeconfig: pulumi.secret(kubeconfig) });
      new k8s.core.v1.ConfigMap("plain", { metadata: { name: "plain" }, data: { key } }, { provider });
      new k8s.core.v1.ConfigMap(
        "secret",
        { metadata: { name: "secret" }, data: { key: pulumi.secret(key) } },
        { provider },
      );
      return Promise.resolve();
    };
    const other = await TestStack.open(world, settings(), { name: "keys", program });
    const { violations } = await other.preview({ policyPacks });
    expect(violations).toMatchObject([{ policy: "plain-secrets", level: "mandatory", resource: "plain" }]);
    expect(violations[0]?.message).not.toContain(key);
  });
});
