import { describe, expect, it } from "vitest";
import type { Resource } from "../../../policy/rules";
import { keptFoundations as rule } from "../../../policy/rules/kept-foundations";
import { intermediate, key as privateKey, root as certificate } from "./certificates";
import { against, release, resource, unknown } from "./resources";

const key: Resource = { ...privateKey("root", {}), outputs: { publicKeyPem: "one" } };
const root: Resource = {
  ...certificate("root"),
  outputs: { certPem: "one" },
  inputDependencies: { privateKeyPem: [key.urn] },
};
const base = release("base", {});
const maker = resource("command:local:Command", "cluster", {});
const definition = resource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "gateways", {
  kind: "CustomResourceDefinition",
  metadata: { name: "gateways.gateway.networking.k8s.io" },
});
const before = [key, root, intermediate("one", root), base, maker, definition];

const judged = (resources: readonly Resource[], allow: readonly string[] = [], old = before) =>
  against(rule, resources, { allow }, { before: old });

/** `before`, with one resource changed, or left out. */
const changed = (one: Resource, change?: Partial<Resource>) =>
  before.flatMap((other) => (other === one ? (change ? [{ ...other, ...change }] : []) : [other]));

describe("kept-foundations", () => {
  it("holds while all stays, before there is anything, and for what goes beside", () => {
    expect(judged(before)).toEqual([]);
    expect(judged(before, [], [])).toEqual([]);
    expect(judged(changed(maker))).toEqual([]);
    expect(judged(changed(base, { inputs: { ...base.inputs, version: "1.30.0" } }))).toEqual([]);
  });

  it.each([
    ["base", base],
    ["the Gateway API's definitions", definition],
    ["the root's key", key],
    ["the root's certificate", root],
  ])("sees %s deleted, unless that is allowed by its name", (_what, one) => {
    expect(judged(changed(one))).toEqual([
      expect.stringMatching(new RegExp(`^${one.name} .* would be deleted: .*add "${one.name}"`)),
    ]);
    expect(judged(changed(one), [one.name])).toEqual([]);
    expect(judged(changed(one), ["other"])).toHaveLength(1);
  });

  it.each([
    ["base under another name", base, { inputs: { ...base.inputs, name: "base-2" } }, "its name changes"],
    ["base in another namespace", base, { inputs: { ...base.inputs, namespace: "other" } }, "its namespace"],
    [
      "base by another provider",
      base,
      { provider: { urn: "urn:other", name: "other", inputs: {} } },
      "its provider is other",
    ],
    [
      "a definition",
      definition,
      { inputs: { kind: "CustomResourceDefinition", metadata: { name: "x.istio.io" } } },
      "metadata.name",
    ],
    ["the key, in a plan", key, { outputs: { publicKeyPem: unknown } }, "its publicKeyPem"],
    ["the key, in an update", key, { outputs: { publicKeyPem: "two" } }, "its publicKeyPem"],
    ["the root's certificate", root, { outputs: { certPem: unknown } }, "its certPem"],
  ])("sees %s as a replacement", (_what, one, change, message) => {
    expect(judged(changed(one, change))).toEqual([
      expect.stringMatching(new RegExp(`would be replaced, since .*${message}`)),
    ]);
  });

  it("sees a cluster that is another one behind the same provider", () => {
    const provider = (clusterIdentifier: string) => ({
      provider: { urn: "urn:p", name: "p", inputs: { clusterIdentifier } },
    });
    const [old, next] = [provider("a"), provider("b")].map((change) => changed(base, change));
    expect(judged(next ?? [], [], old ?? [])).toEqual([
      expect.stringContaining("the clusterIdentifier of its provider p"),
    ]);
  });

  it("lets definitions go with their cluster, stay behind, or have another name in the program", () => {
    const inside = changed(base, { deletedWith: maker.urn });
    expect(
      judged(
        before.filter((one) => one !== base && one !== maker),
        [],
        inside,
      ),
    ).toEqual([]);
    expect(
      judged(
        before.filter((one) => one !== base),
        [],
        inside,
      ),
    ).toHaveLength(1);
    expect(judged(changed(definition), [], changed(definition, { retainOnDelete: true }))).toEqual([]);
    expect(judged(changed(base, { urn: "urn:new", aliases: [base.urn] }))).toEqual([]);
  });

  it("sees base inside another chart", () => {
    const umbrella = release("mesh", { base: {}, istiod: {} });
    expect(judged([], [], [umbrella])).toEqual([expect.stringContaining("would be deleted")]);
    expect(judged([], [], [release("x", { base: {} }, { chart: "x", namespace: "x", name: "x" })])).toEqual([]);
  });

  it("is of no concern to roots and definitions of others", () => {
    const others = [
      certificate("webhook"),
      privateKey("ssh", {}),
      resource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "x", {
        metadata: { name: "x.example.com" },
      }),
      release(
        "base",
        {},
        { chart: "base", name: "x", namespace: "x", repositoryOpts: { repo: "https://example.com" } },
      ),
    ];
    expect(judged([], [], others)).toEqual([]);
  });

  it("only tells where it can't be told what there was", () => {
    const stack = { resources: [], beforeUnread: "the backend does not answer." };
    expect(rule.evaluate(stack, {})).toEqual([
      { level: "advisory", message: expect.stringContaining("does not answer") as string },
    ]);
    expect(rule.evaluate({ resources: [] }, {})).toEqual([]);
  });
});
