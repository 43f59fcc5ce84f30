import { describe, expect, it } from "vitest";
import { rehearsedSettings } from "../../../rehearsal/settings";

describe("a rehearsal of what other stacks and other people keep", () => {
  const kwok = { name: "a", provisioner: "kwok" };

  it.each([
    [{ existing: true }, "a root of its own replaces cacerts that someone else keeps"],
    [{ stack: "acme/flatmesh/root" }, "a root of its own replaces that of stack acme/flatmesh/root"],
  ])("has a root of its own in place of %j, and says so", (root, change) => {
    const { settings, changes } = rehearsedSettings({ clusters: [kwok], distribution: "community", root }, "/");
    expect(settings.root).toMatchObject({ source: "generate", issueFor: [] });
    expect(changes).toEqual([change]);
  });

  it("has placeholders in Secrets that it pulls images with, and none of the registry's credentials", () => {
    const encrypted = { secure: "v1:abc" };
    const registry = { server: "registry.example.com", username: "robot", password: encrypted };
    const imagePullSecrets = [{ name: "there" }, { name: "company", registry }];
    const given = { clusters: [kwok], distribution: "community", imagePullSecrets };
    const { settings, changes } = rehearsedSettings(
      { ...given, chartRegistry: { username: "robot", password: encrypted } },
      "/",
    );
    expect(settings.chartRegistry).toBeUndefined();
    expect(settings.imagePullSecrets).toEqual([
      { name: "there" },
      { name: "company", registry: { server: "registry.example.com", username: "robot", password: "rehearsal" } },
    ]);
    expect(changes).toEqual([
      "placeholders replace what of imagePullSecrets can't be read, since it is encrypted",
      "chartRegistry is left out, since it is encrypted",
    ]);
    const plain = rehearsedSettings({ ...given, chartRegistry: { username: "robot", password: "t0p-s3cret" } }, "/");
    expect(plain.settings.chartRegistry).toBeUndefined();
    expect(plain.changes).toContain(
      "chartRegistry is left out: charts are pulled with your own login to their registry",
    );
  });

  it("needs no licence where there is no cluster", () => {
    const root = { generate: { issueFor: ["b"] } };
    const { settings } = rehearsedSettings({ clusters: [], root }, "/");
    expect(settings).toMatchObject({ clusters: [], root: { issueFor: ["b"] } });
  });
});
