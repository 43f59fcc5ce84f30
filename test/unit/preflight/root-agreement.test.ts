import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { kwok, parse } from "../settings/config";
import { type Inputs, type World, refusals, run } from "../components/mocks";
import { authorityKey, rootCertificate } from "../components/peering/certificates";
import { peeringInputs } from "./parts";

const own = "organization/flatmesh/dev";
const keeper = "organization/flatmesh/keeper";
const east = "organization/flatmesh/east";
const west = "organization/flatmesh/west";

const privateKey = authorityKey();
const ours = rootCertificate(privateKey);
const renewed = rootCertificate(privateKey);
const foreign = rootCertificate(authorityKey());

/** A root that the stack has made itself, as its state has it. */
const made = (pem: string, name = "root") =>
  [`tls:index/selfSignedCert:SelfSignedCert ${name}`, { certPem: pem }] as const;

/** Every way to know the root of this stack before anything is made: its settings, its state, and the stacks that tell of it. */
const sources: readonly (readonly [string, object, World["stacks"]])[] = [
  ["generated", { generate: {} }, {}],
  ["given", { certificate: ours, privateKey }, {}],
  ["of another stack", { stack: keeper }, { [keeper]: { rootCertificate: ours } }],
];

const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
beforeEach(() => {
  warn.mockClear();
});
afterAll(() => {
  warn.mockRestore();
});

describe.each(sources)("a stack whose root is %s", (_, root, stacks) => {
  it.each([
    ["the very same root", ours],
    ["that root after a renewal", renewed],
    ["no root that it tells of", undefined],
  ])("peers with a stack that trusts %s", async (_, rootCertificate) => {
    const { value } = await read(root, { ...stacks, [east]: peer("e", rootCertificate) });
    expect(value.peers.map(({ name }) => name)).toEqual(["e"]);
  });

  it("refuses each stack that trusts another one", async () => {
    const others = { [east]: peer("e", foreign), [west]: peer("w", foreign, "10.40.0.0/16") };
    expect(await refusals(() => read(root, { ...stacks, ...others }, [east, west]))).toEqual([refused(east, west)]);
  });

  it("only warns of one that takes its root from where this stack does, and has an older one yet", async () => {
    const rootStack = "stack" in root ? keeper : own;
    const others = { [east]: { ...peer("e", foreign), rootStack } };
    const { value } = await read(root, { ...stacks, ...others });
    expect(value.peers.map(({ name }) => name)).toEqual(["e"]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `${east} still trusts an older root of ${rootStack}, so no call between it and this stack is accepted yet: run pulumi up ` +
        "on it.",
    ]);
  });

  it("peers with a stack that trusts its root beside another, as while one replaces the other", async () => {
    const { value } = await read(root, { ...stacks, [east]: peer("e", `${foreign}${ours}`) });
    expect(value.peers.map(({ name }) => name)).toEqual(["e"]);
  });

  it("refuses it before it has a cluster, and in a first preview", async () => {
    const others = { [east]: { clusters: {}, rootCertificate: foreign } };
    expect(await refusals(() => read(root, { ...stacks, ...others }, [east], { preview: true }))).toEqual([
      refused(east),
    ]);
  });
});

describe("two stacks in which one root replaces another", () => {
  const next = rootCertificate(authorityKey());
  const state = (trusted: readonly string[], signing: string) => ({
    rootCertificate: trusted.join(""),
    roots: { trusted: Object.fromEntries(trusted.map((pem) => [pem === ours ? "first" : "2027", pem])), signing },
  });
  const stages = {
    old: state([ours], "first"),
    "both trusted": state([ours, next], "first"),
    "new signs": state([ours, next], "2027"),
    "new alone": state([next], "2027"),
  };
  type Stage = keyof typeof stages;
  const settingsOf: Record<Stage, object> = {
    old: { trusted: ["first"] },
    "both trusted": { trusted: ["first", 2027], signing: "first" },
    "new signs": { trusted: ["first", 2027], signing: 2027 },
    "new alone": { trusted: [2027] },
  };
  const order: readonly Stage[] = ["old", "both trusted", "new signs", "new alone"];
  const pairs = order.flatMap((one) => order.map((other) => [one, other] as const));

  it.each(pairs)("%s here, %s there: agree when they are a stage apart at most", async (here, there) => {
    // What this stack has had does not matter: its roots are known, and the settings say which of them sign.
    const state = [made(ours), made(next, "root-2027")];
    const stacks = { [east]: { ...peer("e"), ...stages[there] } };
    const root = { generate: {}, ...settingsOf[here] };
    const apart = Math.abs(order.indexOf(here) - order.indexOf(there));
    const messages = await refusals(() => read(root, stacks, [east], { state }));
    expect(messages.length).toBe(apart > 1 ? 1 : 0);
    if (apart === 2) {
      expect(messages[0]).toMatch(/skipped a stage of replacing the root/);
    }
  });
});

describe("a stack whose root is yet to be made", () => {
  it.each([
    ["was never deployed", {}],
    ["has had the root from elsewhere", { [own]: { rootCertificate: foreign } }],
  ])("refuses a stack that has one already, when it %s", async (_, stacks) => {
    const others = { ...stacks, [east]: peer("e", foreign) };
    expect(await refusals(() => read({ generate: {} }, others, [east], { state: [] }))).toEqual([refused(east)]);
  });

  it("peers with a stack that tells of none", async () => {
    const { value } = await read({ generate: {} }, { [east]: peer("e") });
    expect(value.peers.map(({ name }) => name)).toEqual(["e"]);
  });
});

describe("a stack that can't know its root", () => {
  it.each([
    ["someone else keeps the certificates", { existing: true }],
    ["the stack that keeps it was never made", { stack: keeper }],
  ])("leaves it to others to refuse a peer, where %s", async (_, root) => {
    const { value } = await read(root, { [east]: peer("e", foreign) });
    expect(value.peers.map(({ name }) => name)).toEqual(["e"]);
  });
});

function read(root: object, stacks: World["stacks"], peerStacks = [east], world: World = {}) {
  const settings = parse({ clusters: [kwok("a")], loadBalancer: undefined, root, peerStacks });
  const given = { state: [made(ours)], ...(stacks && { stacks }), ...world };
  return run(async () => (await peeringInputs(settings)).peerStacks, given);
}

/** The outputs of a stack with one cluster. */
function peer(name: string, rootCertificate?: string, podSubnet = "10.30.0.0/16"): Inputs {
  return {
    clusters: { [name]: { network: "flat-network", trustDomain: "cluster.local", podSubnet } },
    eastWestAddresses: { [name]: { type: "IPAddress", value: "192.0.2.1" } },
    ...(rootCertificate !== undefined && { rootCertificate }),
  };
}

function refused(...stacks: readonly string[]): string {
  const reasons = stacks.map(
    (stack) =>
      `  - ${stack} trusts another root than this stack, so no call between them would be accepted: let one stack keep ` +
      "the root (issueFor in its root setting) and the others take it (root.stack).",
  );
  return ["Stacks that can't share a mesh:", ...reasons].join("\n");
}
