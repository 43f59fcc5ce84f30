import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ofNamespace, parseSettings } from "../../../settings";
import { projectConfig } from "../../../settings/reference";
import { keys } from "../../../settings/schema";
import { config } from "./config";

const project = (name: string) => join(__dirname, "../../..", name);
const declared = projectConfig() as Record<
  string,
  { type?: string; items?: { type?: string }; description?: string; default?: unknown }
>;

describe("what Pulumi.yaml declares", () => {
  it("is every setting with a description, and a default, without which the engine would demand it", () => {
    for (const key of Object.keys(keys)) {
      expect(declared[key], key).toMatchObject({ description: expect.stringMatching(/./) as string });
      expect(declared[key]?.default, key).not.toBeUndefined();
    }
  });

  it("has no type where the engine would refuse one of a setting's shapes", () => {
    const untyped = Object.keys(keys).filter((key) => declared[key]?.type === undefined);
    expect(untyped).toEqual(["links", "loadBalancer", "manifests", "demo", "accessLogs"]);
    for (const [key, one] of Object.entries(declared)) {
      expect(one.type === "array" ? one.items?.type : "string", key).toMatch(/^(string|object)$/);
    }
  });

  it("has defaults that change nothing", () => {
    const given = { clusters: [{ name: "a", provisioner: "kwok" }], distribution: "community" };
    const defaults = Object.entries(declared).map(([key, one]) => [key, one.default] as const);
    const merged = { ...Object.fromEntries(defaults.filter(([key]) => key in keys)), ...given };
    expect(parseSettings(config(merged))).toEqual(parseSettings(config(given)));
  });

  it("declares keys without a namespace, so that a project of another name loads as well", () => {
    expect(Object.keys(declared).filter((key) => key.includes(":"))).toEqual(["pulumi:disable-default-providers"]);
  });

  it("keeps resources off default providers in every stack", () => {
    expect(declared["pulumi:disable-default-providers"]).toEqual({ value: ["kubernetes"] });
  });
});

describe("Pulumi.dev.yaml", () => {
  const { config: stack } = parse(readFileSync(project("Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, unknown>;
  };

  it("has the two kind clusters of Solo's guide, and wants a licence and a repo key only", () => {
    const dev = ofNamespace(config(stack));
    const settings = parseSettings({ ...dev, license: "mine", repoKey: "0123456789ab" });
    expect(settings).toMatchObject({
      clusters: [
        { name: "cluster-1", provisioner: "kind", podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" },
        { name: "cluster-2", provisioner: "kind", podSubnet: "10.20.0.0/16", serviceSubnet: "10.255.20.0/24" },
      ],
      distribution: "solo",
      istioVersion: "1.28.5",
      linkMethod: "gateways",
      demo: { sidecars: false },
    });
    expect(stack["pulumi:disable-default-providers"]).toEqual(["kubernetes"]);
  });
});
