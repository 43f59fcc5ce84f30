import { describe, expect, it } from "vitest";
import { planClusters } from "../../../preflight/cluster-plan";
import { absent } from "../../../preflight/datum";
import { judgeSourceRanges } from "../../../preflight/peering/source-ranges";
import { kwok, parse } from "../settings/config";

const pods = [
  { cluster: "a", subnets: ["10.10.0.0/16"] },
  { cluster: "b", subnets: ["10.20.0.0/16"] },
  // Of another stack, and one of which nothing is known.
  { cluster: "c", subnets: ["192.168.0.0/24", "172.16.0.0/24"] },
  { cluster: "d", subnets: [] },
];

function warnings(ranges: readonly string[] | undefined, links: unknown = "mesh"): string[] {
  const settings = parse({
    clusters: [kwok("a", ranges && { eastWestGateway: { loadBalancerSourceRanges: ranges } }), kwok("b")],
    peerStacks: ["organization/flatmesh/other"],
    links,
  });
  const clusters = planClusters(settings, new Map(), absent).value;
  return judgeSourceRanges(settings, clusters, pods).map(({ severity, message }) => `${severity}: ${message}`);
}

describe("source ranges of an east-west Gateway", () => {
  it("are warned of where they keep out a cluster that is linked", () => {
    expect(warnings(["10.0.0.0/8", "2001:db8::/32"])).toEqual([
      "warning: Cluster a: eastWestGateway.loadBalancerSourceRanges (10.0.0.0/8, 2001:db8::/32) has none of the pods of c (192.168.0.0/24, " +
        "172.16.0.0/24), whose control plane calls the east-west Gateway to learn of services. Add them, unless the network masquerades them to " +
        "an address in those ranges.",
    ]);
    expect(warnings(["2001:db8::/32"])).toHaveLength(2);
    expect(warnings(["10.0.0.0/8"], [{ from: "b", to: "a" }])).toEqual([]);
  });

  it("are right where they have some of every caller's pods, and where there are none", () => {
    expect(warnings(["10.0.0.0/8", "172.16.0.0/12"])).toEqual([]);
    expect(warnings(undefined)).toEqual([]);
  });
});
