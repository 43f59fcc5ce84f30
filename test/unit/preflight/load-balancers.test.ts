import { describe, expect, it } from "vitest";
import { judgeLoadBalancers } from "../../../preflight/load-balancers";

import { kind, kwok, parse } from "../settings/config";

const standing = new Map([["flatmesh:clusters:LoadBalancers load-balancers", {}]]);
const community = (more: object = {}) =>
  parse({
    clusters: [kind("a"), kind("b")],
    distribution: "community",
    license: undefined,
    repoKey: undefined,
    ...more,
  });

describe("load balancers", () => {
  it("are off by default for the community distribution, and on for solo's", () => {
    expect(judgeLoadBalancers(community(), new Map())).toEqual({ value: "none", problems: [] });
    expect(judgeLoadBalancers(parse({ clusters: [kind("a")] }), new Map())).toEqual({ value: {}, problems: [] });
  });

  it("stay where an earlier version has made them, and the plan says how to remove them", () => {
    const { value, problems } = judgeLoadBalancers(community(), standing);
    expect(value).toEqual({});
    expect(problems).toEqual([
      { severity: "information", message: expect.stringContaining("flatmesh:loadBalancer none") as string },
    ]);
  });

  it.each([
    ["none", "none"],
    ["cloud-provider-kind", {}],
    [{ image: "mirror.example.com/cpk:1" }, { image: "mirror.example.com/cpk:1" }],
  ])("are what the settings say, without a word: %j", (loadBalancer, value) => {
    expect(judgeLoadBalancers(community({ loadBalancer }), standing)).toEqual({ value, problems: [] });
  });

  it("are none of a stack without kind clusters", () => {
    const settings = community({ clusters: [kwok("a")], loadBalancer: undefined });
    expect(judgeLoadBalancers(settings, standing)).toEqual({ value: "none", problems: [] });
  });
});
