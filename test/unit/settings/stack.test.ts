import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ofNamespace, stackSettings } from "../../../settings";
import { kind, stack } from "./config";

const mocks: pulumi.runtime.Mocks = { newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) };

describe("the settings of the running stack", () => {
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
  });

  it("are the flatmesh keys of its configuration", async () => {
    await pulumi.runtime.setMocks(mocks, "flatmesh", "dev", true, "organization");
    const own = Object.entries(stack({ network: "net" })).map(([key, text]) => [`flatmesh:${key}`, text] as const);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(own), "pulumi:tags": "{}", "other:network": "x" });
    expect(stackSettings()).toMatchObject({ network: "net", clusters: [{ name: "a" }, { name: "b" }] });

    pulumi.runtime.setConfig("flatmesh:peerStacks", '["organization/flatmesh/dev"]');
    expect(stackSettings).toThrow(/peerStacks\[0\].*is this stack itself/);
  });

  it("may be keys of the project's own name, which is what Pulumi makes of a key without a namespace", async () => {
    await pulumi.runtime.setMocks(mocks, "acme", "dev", true, "organization");
    const own = Object.entries(stack({ network: "net" })).map(([key, text]) => [`acme:${key}`, text] as const);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(own), "flatmesh:network": "other", "aws:region": "x" });
    expect(stackSettings()).toMatchObject({ network: "other", clusters: [{ name: "a" }, { name: "b" }] });
  });
});

describe("a secret", () => {
  const warnings = vi.fn();
  beforeEach(async () => {
    await pulumi.runtime.setMocks(mocks, "flatmesh", "dev", true, "organization");
    vi.spyOn(pulumi.log, "warn").mockImplementation((message) => {
      warnings(message);
      return Promise.resolve();
    });
  });
  afterEach(() => {
    pulumi.runtime.setAllConfig({});
    vi.restoreAllMocks();
    warnings.mockClear();
  });

  it.each([
    [["flatmesh:license"], []],
    [[], [/^flatmesh:license holds a secret that is not encrypted/]],
    [["flatmesh:license", "flatmesh:chartRegistry", "flatmesh:imagePullSecrets"], []],
    [
      ["flatmesh:license", "flatmesh:network"],
      [/^flatmesh:network is encrypted in the stack's file, and nowhere else/],
    ],
  ])("is where a secret belongs: %j", (encrypted, expected) => {
    const own = Object.entries(stack({ network: "net" })).map(([key, text]) => [`flatmesh:${key}`, text] as const);
    pulumi.runtime.setAllConfig(Object.fromEntries(own), encrypted);
    stackSettings();
    expect(warnings.mock.calls.flat()).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as unknown));
  });

  it.each([
    ["httpProxy", { httpProxy: { https: "http://user:hush@proxy.example.com:3128" } }],
    ["clusters", { clusters: [kind("a", { httpProxy: { http: "http://user:hush@proxy.example.com:3128" } })] }],
  ])("has the login of a proxy encrypted, where %s has one", (key, settings) => {
    const own = Object.entries(stack(settings)).map(([name, text]) => [`flatmesh:${name}`, text] as const);
    pulumi.runtime.setAllConfig(Object.fromEntries(own), ["flatmesh:license"]);
    stackSettings();
    expect(warnings.mock.calls.flat()).toEqual([
      expect.stringMatching(new RegExp(`^flatmesh:${key} holds a secret that is not encrypted`)) as unknown,
    ]);
    expect(warnings.mock.calls.flat().join()).not.toContain("hush");
  });

  it("is told from what holds none, in the settings of registries", () => {
    const login = { username: "robot", password: "t0p-s3cret" };
    const keys = (registries: object) =>
      Object.entries(stack(registries as Record<string, unknown>)).map(
        ([key, text]) => [`flatmesh:${key}`, text] as const,
      );
    const registry = { server: "registry.example.com", ...login };
    const all = { charts: "oci://registry.example.com/charts", chartRegistry: login };
    pulumi.runtime.setAllConfig(
      Object.fromEntries(keys({ ...all, imagePullSecrets: [{ name: "there" }, { name: "company", registry }] })),
      ["flatmesh:license"],
    );
    stackSettings();
    expect(warnings.mock.calls.flat().map((text) => String(text).replace(/ holds a secret .*/s, ""))).toEqual([
      "flatmesh:chartRegistry",
      "flatmesh:imagePullSecrets",
    ]);
    warnings.mockClear();
    pulumi.runtime.setAllConfig(Object.fromEntries(keys({ imagePullSecrets: [{ name: "there" }] })), [
      "flatmesh:license",
    ]);
    stackSettings();
    expect(warnings).not.toHaveBeenCalled();
  });
});

it("settings are told from the keys of others, with or without a namespace", () => {
  const config = { "flatmesh:a": 1, "acme:a": 2, "acme:b": 3, c: 4, "pulumi:tags": 5, "acme:d:e": 6 };
  expect(ofNamespace(config, "acme")).toEqual({ a: 1, b: 3, c: 4, "d:e": 6 });
  expect(ofNamespace(config)).toEqual({ a: 1, c: 4 });
});
