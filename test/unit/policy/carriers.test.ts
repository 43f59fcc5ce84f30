import { describe, expect, it } from "vitest";
import { evaluate, type Resource, rules, type Rule } from "../../../policy/rules";
import { carriers, type Use } from "./carriers";

const upstream = "oci://ghcr.io/istio/release/charts";
type Changes = Readonly<Record<string, Partial<Use>>>;

const mesh: Changes = {
  base: {},
  istiod: { values: { global: { network: "flat", multiCluster: { clusterName: "east" } } } },
  cni: { values: { profile: "ambient" } },
  ztunnel: { values: { network: "flat" } },
};

/** The names of the rules that a mesh breaks, as it is carried: mandatory ones, and those at the resources that carry it. */
function broken(carry: (use: Use) => Resource[], changes: Changes = {}): string[] {
  const resources = Object.entries(mesh).flatMap(([chart, own]) =>
    carry({ chart, values: {}, version: "1.28.5", repository: upstream, ...own, ...changes[chart] }),
  );
  const violations = evaluate({ resources, before: resources }, rules).filter(({ level }) => level === "mandatory");
  const urns = resources.map(({ urn }) => urn);
  expect(violations.filter(({ urn }) => urn === undefined || !urns.includes(urn))).toEqual([]);
  return [...new Set(violations.map(({ rule }) => rule))].sort();
}

const faults: readonly (readonly [rule: Rule["name"], changes: Changes])[] = [
  ["network-name", { ztunnel: { values: { network: "other" } } }],
  ["version-skew", { ztunnel: { values: { network: "flat" }, version: "1.28.4" } }],
  ["version-skew", { ztunnel: { values: { network: "flat", tag: "1.28.4" } } }],
  ["pinned-versions", { cni: { version: null } }],
  ["pinned-versions", { cni: { version: "1.28.*" } }],
  ["pinned-versions", { ztunnel: { values: { network: "flat", image: "istio/ztunnel:latest" } } }],
  ["registries", { cni: { repository: "oci://registry.example.com/charts/istio" } }],
  ["registries", { cni: { values: { hub: "registry.example.com/istio" } } }],
  ["resource-requests", { cni: { values: { resources: { requests: { cpu: "0" } } } } }],
];

describe.each(Object.entries(carriers))("a mesh by %s", (_what, carry) => {
  it("holds as it should be", () => {
    expect(broken(carry)).toEqual([]);
  });

  it.each(faults)("breaks %s as a release does: %j", (rule, changes) => {
    expect(broken(carry, changes)).toEqual([rule]);
  });
});
