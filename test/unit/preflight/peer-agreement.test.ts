import { describe, expect, it } from "vitest";
import { type PeerCluster, disagreements } from "../../../preflight/peering/peer-agreement";
import { existing, kind, parse } from "../settings/config";

const stack = "organization/flatmesh/east";
const peer = (changes: Partial<PeerCluster> = {}): PeerCluster => ({
  name: "far",
  network: "flat-network",
  trustDomain: "cluster.local",
  podSubnet: "10.30.0.0/16",
  serviceSubnet: "10.255.30.0/24",
  ...changes,
});

describe("clusters of another stack", () => {
  it("can share a mesh that they agree with", () => {
    expect(disagreements(parse(), stack, [peer(), peer({ name: "farther", podSubnet: "10.40.0.0/16" })])).toEqual([]);
  });

  it.each<[string, Partial<PeerCluster>, string]>([
    [
      "are on another network",
      { network: "n2" },
      `${stack}: cluster far has network n2, this stack flat-network: set the same one in both.`,
    ],
    [
      "have another trust domain",
      { trustDomain: "example.org" },
      `${stack}: cluster far has trustDomain example.org, this stack cluster.local: set the same one in both.`,
    ],
    [
      "have the name of one of ours",
      { name: "b" },
      `${stack} has a cluster b, and so has this stack: rename one, names are unique in a mesh.`,
    ],
    [
      "have pods where ours are",
      { podSubnet: "10.16.0.0/13" },
      `${stack}: cluster far has podSubnet 10.16.0.0/13, which overlaps podSubnet 10.20.0.0/16 of b here: give one of them a ` +
        "free subnet (or one of the stacks another addressPool).",
    ],
    [
      "have services where our pods are",
      { serviceSubnet: "10.10.8.0/24" },
      `${stack}: cluster far has serviceSubnet 10.10.8.0/24, which overlaps podSubnet 10.10.0.0/16 of a here: give one of ` +
        "them a free subnet (or one of the stacks another addressPool).",
    ],
  ])("can't when they %s", (_, changes, sentence) => {
    expect(disagreements(parse(), stack, [peer(changes)])).toEqual([sentence]);
  });

  it("are told of everything at once", () => {
    const wrong = peer({ name: "a", network: "n2", trustDomain: "t2", podSubnet: "10.10.0.0/16" });
    expect(disagreements(parse(), stack, [wrong, peer({ network: "n3" })])).toHaveLength(5);
  });

  it("are taken as they are where subnets are not known", () => {
    const unknown = peer({ podSubnet: undefined, serviceSubnet: undefined });
    expect(disagreements(parse(), stack, [unknown])).toEqual([]);
    const found = parse({ clusters: [existing("found"), kind("b")] });
    expect(disagreements(found, stack, [peer({ podSubnet: "10.10.0.0/16" })])).toEqual([]);
  });
});
