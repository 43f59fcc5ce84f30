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

  it("needs no licence where there is no cluster", () => {
    const root = { generate: { issueFor: ["b"] } };
    const { settings } = rehearsedSettings({ clusters: [], root }, "/");
    expect(settings).toMatchObject({ clusters: [], root: { issueFor: ["b"] } });
  });
});
