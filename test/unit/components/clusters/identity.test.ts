import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { identityOf } from "../../../../components/clusters/identity";
import type { KindClusterSettings, MadeCluster } from "../../../../settings";
import { kindSettings, kwokSettings } from "./settings";

const subnet = fc.integer({ min: 0, max: 255 }).map((octet) => `10.${String(octet)}.0.0/16`);

/** What a running cluster can't take on. */
const immutable = fc.record({
  name: fc.stringMatching(/^[a-z]{1,4}$/),
  podSubnet: subnet,
  serviceSubnet: subnet,
  controlPlanes: fc.integer({ min: 1, max: 12 }),
  workers: fc.integer({ min: 0, max: 12 }),
  nodeImage: fc.option(fc.constantFrom("kindest/node:v1.33.0", "kindest/node:v1.34.0"), { nil: undefined }),
});

/** What can change while a cluster runs. */
const mutable = fc.record({
  platform: fc.constantFrom(undefined, "openshift", "gke"),
  region: fc.constantFrom(undefined, "eu"),
  zone: fc.constantFrom(undefined, "eu-1"),
});

function cluster(...parts: readonly object[]): KindClusterSettings {
  return Object.assign(kindSettings(), ...parts) as KindClusterSettings;
}

describe("the identity of a cluster", () => {
  it("is the same exactly when every immutable setting is", () => {
    fc.assert(
      fc.property(immutable, immutable, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(identityOf(cluster(a)) === identityOf(cluster(b))).toBe(same);
      }),
    );
  });

  it.each<[keyof KindClusterSettings, KindClusterSettings[keyof KindClusterSettings]]>([
    ["name", "b"],
    ["podSubnet", "10.11.0.0/16"],
    ["serviceSubnet", "10.255.11.0/24"],
    ["controlPlanes", 3],
    ["workers", 1],
    ["nodeImage", "kindest/node:v1.34.0"],
  ])("changes with %s alone", (key, value) => {
    expect(identityOf(cluster({ [key]: value }))).not.toBe(identityOf(cluster()));
  });

  it("changes with the provisioner", () => {
    expect(identityOf(kwokSettings())).not.toBe(identityOf(kindSettings()));
  });

  it("changes when the cluster is made anew, and not before", () => {
    const identities = [0, 1, 2].map((generation) => identityOf({ ...kindSettings(), generation }));
    expect(new Set(identities).size).toBe(3);
    expect(identities[0]).toBe(identityOf(kindSettings()));
  });

  it("changes with nothing else", () => {
    fc.assert(
      fc.property(immutable, mutable, mutable, (same, a, b) => {
        expect(identityOf(cluster(same, a))).toBe(identityOf(cluster(same, b)));
      }),
    );
  });

  it("does not depend on the order of the settings' keys", () => {
    const reversed = Object.fromEntries(Object.entries(kindSettings()).reverse()) as unknown as MadeCluster;
    expect(identityOf(reversed)).toBe(identityOf(kindSettings()));
  });

  it("is the same in every version of the program: another one would rebuild every cluster", () => {
    expect(identityOf(kindSettings())).toMatch(/^[0-9a-f]{8}$/);
    expect(identityOf(kindSettings())).toBe("50d4601e");
    expect(identityOf(kwokSettings())).toBe("0149be41");
  });
});
