import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nodeSubnets } from "../../../settings";
import {
  type ClusterSubnets,
  containerNetworks,
  overlap,
  parseSubnet,
  planAddresses,
  type Subnet,
  subnetAt,
  type SubnetRequest,
  subnetText,
} from "../../../settings/subnets";

const defaultPool = parseSubnet("10.0.0.0/8");
const left = (count: number): SubnetRequest[] => Array.from({ length: count }, () => ({ plan: true }));
const texts = (plan: readonly ClusterSubnets[]) =>
  plan.map(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet].map((one) => one && subnetText(one)));
const all = (plan: readonly ClusterSubnets[]) =>
  plan.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]).filter((one) => one !== undefined);

/** Pairs that overlap, by a sweep over the sorted subnets: not the way that the plan itself looks. */
function overlapping(subnets: readonly Subnet[]): string[] {
  const sorted = [...subnets].sort((a, b) => a.first - b.first);
  return sorted.flatMap((subnet, index) => {
    const next = sorted[index + 1];
    return next && next.first <= subnet.last ? [`${subnetText(subnet)} ${subnetText(next)}`] : [];
  });
}

const prefix = fc.integer({ min: 9, max: 28 });
const subnet = fc.tuple(fc.nat(2 ** 24 - 1), prefix).map(([offset, length]) => {
  const size = 2 ** (32 - length);
  return subnetAt(defaultPool.first + Math.floor(offset / size) * size, length);
});
const request = fc.record({
  plan: fc.boolean(),
  podSubnet: fc.option(subnet, { nil: undefined, freq: 3 }),
  serviceSubnet: fc.option(subnet, { nil: undefined, freq: 3 }),
});
/** Any mix; given subnets that overlap others are left out again, as a stack with them is refused. */
const requests = fc.array(request, { maxLength: 40 }).map((list) => {
  const given: Subnet[] = [];
  const keep = (one: Subnet | undefined) => {
    if (one === undefined || given.some((other) => overlap(one, other))) {
      return undefined;
    }
    given.push(one);
    return one;
  };
  return list.map((one) => ({
    plan: one.plan,
    podSubnet: keep(one.podSubnet),
    serviceSubnet: keep(one.serviceSubnet),
  }));
});

describe("the address plan", () => {
  it("gives the first clusters tens, and the next ones the lowest free slots", () => {
    const plan = texts(planAddresses(defaultPool, left(30)));
    expect(plan.slice(0, 2)).toEqual([
      ["10.10.0.0/16", "10.255.10.0/24"],
      ["10.20.0.0/16", "10.255.20.0/24"],
    ]);
    expect(plan[24]).toEqual(["10.250.0.0/16", "10.255.250.0/24"]);
    expect(plan[25]).toEqual(["10.1.0.0/16", "10.255.1.0/24"]);
  });

  it.each([100, 200, 255])("has room for %d clusters in the default pool", (count) => {
    const plan = planAddresses(defaultPool, left(count));
    expect(all(plan)).toHaveLength(2 * count);
    expect(overlapping(all(plan))).toEqual([]);
  });

  it("leaves out what is no longer free", () => {
    expect(all(planAddresses(defaultPool, left(256)))).toHaveLength(255 + 256);
  });

  it.each([
    [8, 255],
    [9, 127],
    [10, 63],
    [11, 256],
    [12, 240],
    [13, 120],
    [14, 60],
    [15, 30],
    [16, 15],
    [17, 30],
    [18, 15],
  ])("has room for as many clusters in a pool of /%d as its table says", (length, count) => {
    const pool = subnetAt(defaultPool.first, length);
    const plan = all(planAddresses(pool, left(count)));
    expect(plan).toHaveLength(2 * count);
    expect(overlapping(plan)).toEqual([]);
    expect(plan.every(({ first, last }) => first >= pool.first && last <= pool.last)).toBe(true);
    expect(all(planAddresses(pool, left(count + 1))).length).toBeLessThan(2 * (count + 1));
  });

  it("takes nothing from the container engine's networks", () => {
    const plan = all(planAddresses(parseSubnet("172.0.0.0/8"), left(200)));
    expect(plan).toHaveLength(400);
    expect(plan.filter((one) => containerNetworks.some((network) => overlap(network, one)))).toEqual([]);
  });

  it("overlaps nothing, whatever is given and left out, and keeps what is given", () => {
    fc.assert(
      fc.property(requests, (list) => {
        const plan = planAddresses(defaultPool, list);
        expect(overlapping(all(plan))).toEqual([]);
        list.forEach(({ plan: planned, podSubnet, serviceSubnet }, index) => {
          if (podSubnet || !planned) expect(plan[index]?.podSubnet).toEqual(podSubnet);
          if (serviceSubnet || !planned) expect(plan[index]?.serviceSubnet).toEqual(serviceSubnet);
        });
      }),
    );
  });

  it("is the same each time, and an appended cluster moves no other", () => {
    fc.assert(
      fc.property(requests, (list) => {
        const plan = planAddresses(defaultPool, list);
        expect(planAddresses(defaultPool, list)).toEqual(plan);
        expect(planAddresses(defaultPool, [...list, { plan: true }]).slice(0, -1)).toEqual(plan);
      }),
    );
  });

  it("lets a subnet win that a later cluster gives", () => {
    const plan = planAddresses(defaultPool, [{ plan: true }, { plan: true, podSubnet: parseSubnet("10.10.128.0/17") }]);
    expect(texts(plan)[0]).toEqual(["10.1.0.0/16", "10.255.10.0/24"]);
  });
});

describe("shares of nodes", () => {
  it("are the /24s from the start of the pod subnet", () => {
    expect(nodeSubnets("10.20.0.0/16", 3)).toEqual(["10.20.0.0/24", "10.20.1.0/24", "10.20.2.0/24"]);
  });
});
