import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { namePrefixOf } from "../../../components/clusters";
import { kwok, parse } from "../settings/config";
import { type Inputs, refusals, valueOf, type World } from "../components/mocks";
import { community, objectName, peering, places } from "../components/peering/environment";
import { readerKubeconfig } from "../../support/hostile-peer";
import { authorityKey, rootCertificate } from "../components/peering/certificates";

const east = "organization/flatmesh/east";
const west = "organization/flatmesh/west";
const clusters = [kwok("a")];
const agreed = { network: "flat-network", trustDomain: "cluster.local" };
const outputs = {
  clusters: {
    e: { ...agreed, podSubnet: "10.30.0.0/16", serviceSubnet: "10.255.30.0/24", region: "eu", kubeconfig: "k" },
  },
  eastWestAddresses: { e: { type: "Hostname", value: "e.example.com" } },
};

const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
afterEach(() => {
  warn.mockClear();
});

describe("a peer stack", () => {
  it("gives its clusters as peers, and takes none of this stack's links away", async () => {
    const { all, value } = await peering({ clusters, peerStacks: [east] }, { stacks: { [east]: outputs } });
    expect(value.links).toEqual([{ from: "a", to: "e", via: "peer Gateway" }]);
    const peer = all("Gateway").find((gateway) => objectName(gateway) === "istio-remote-peer-e");
    expect(peer?.inputs).toMatchObject({
      metadata: { labels: { "topology.istio.io/cluster": "e", "topology.kubernetes.io/region": "eu" } },
      spec: { addresses: [{ type: "Hostname", value: "e.example.com" }] },
    });
    expect(places(all("Gateway"))).toEqual(["a: istio-eastwest", "a: istio-remote-peer-e"]);
    expect(value.peerStacks.missing).toEqual([]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("has neighbours among its clusters: those that kind has made, by the name that the machine knows them by", async () => {
    const subnets = outputs.clusters.e;
    const stack = {
      clusters: {
        e: { ...subnets, context: "kind-e-k3x9" },
        f: { ...agreed, context: "kwok-f", podSubnet: "10.40.0.0/16", serviceSubnet: "10.255.40.0/24" },
        g: { ...agreed, context: "kind-g" },
      },
    };
    const { value } = await peering({ clusters, peerStacks: [east] }, { stacks: { [east]: stack } });
    expect(value.peerStacks.neighbours).toEqual([
      {
        name: "e",
        machineName: "e-k3x9",
        owner: "flatmesh/east",
        podSubnet: "10.30.0.0/16",
        serviceSubnet: "10.255.30.0/24",
      },
    ]);
  });

  it("is known before anything is made: links to it are in the first preview", async () => {
    const world = { preview: true, stacks: { [east]: outputs } };
    const { value } = await peering({ clusters, peerStacks: [east] }, world);
    expect(value.links.map(({ to }) => to)).toEqual(["e"]);
  });

  it("is linked as the links say", async () => {
    const links = [{ from: "a", to: "b" }];
    const settings = { clusters: [kwok("a"), kwok("b")], links, peerStacks: [east] };
    const { value } = await peering(settings, { stacks: { [east]: outputs } });
    expect(value.links.map(({ from, to }) => `${from}>${to}`)).toEqual(["a>b"]);
  });

  it("of the community hands its reader's kubeconfig over, as a secret, of which the very bytes stay", async () => {
    const kubeconfig = readerKubeconfig("e");
    const stack = {
      clusters: outputs.clusters,
      eastWestAddresses: {},
      remoteAccess: { e: pulumi.secret(kubeconfig) },
    };
    const { all } = await peering({ ...community, clusters, peerStacks: [east] }, { stacks: { [east]: stack } });
    const secret = all("Secret").find((resource) => objectName(resource) === "istio-remote-secret-e");
    expect(secret?.inputs["stringData"] as Inputs).toEqual({ e: kubeconfig });
    expect(secret?.secrets).toContain("stringData");
  });
});

describe("a missing peer stack", () => {
  const message = (names: string) =>
    `These peer stacks have no clusters to peer with yet: ${names}. Run pulumi up on them, and then on this stack again, which ` +
    "then links what exists.";

  it("is an output and a warning, whether it was never made or never deployed", async () => {
    const world = { stacks: { [west]: {} } };
    const { value } = await peering({ clusters, peerStacks: [east, west] }, world);
    expect(value.peerStacks.missing).toEqual([east, west]);
    expect(value.links).toEqual([]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([message(`${east}, ${west}`)]);
  });

  it("is told to be none where it stands without a cluster, as one that keeps the root does", async () => {
    const keeper = { clusters: {}, intermediates: {} };
    const { value } = await peering({ clusters, peerStacks: [east] }, { stacks: { [east]: keeper } });
    expect(value.peerStacks.missing).toEqual([east]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `These peer stacks were deployed without a cluster: ${east}. Take them out of peerStacks if they are not meant to get any: to ` +
        "use a stack's root, write root: {stack}.",
    ]);
  });

  it("is one whose Gateways have no address yet", async () => {
    const world = { stacks: { [east]: { ...outputs, eastWestAddresses: {} } } };
    const { value } = await peering({ clusters, peerStacks: [east] }, world);
    expect(value.peerStacks.missing).toEqual([east]);
    expect(value.links).toEqual([]);
  });

  it("of the community is one that gives nobody access yet", async () => {
    const world = { stacks: { [east]: { ...outputs, eastWestAddresses: {} } } };
    const { value } = await peering({ ...community, clusters, peerStacks: [east] }, world);
    expect(value.peerStacks.missing).toEqual([east]);
    expect(value.links).toEqual([]);
  });

  it("may be missing in part: what is ready is linked, and the rest is named", async () => {
    const more = { ...outputs.clusters, f: { ...agreed, podSubnet: "10.40.0.0/16" } };
    const world = { stacks: { [east]: { ...outputs, clusters: more } } };
    const { value } = await peering({ clusters, peerStacks: [east] }, world);
    expect(value.links.map(({ to }) => to)).toEqual(["e"]);
    expect(value.peerStacks.missing).toEqual([`${east}/f`]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `These clusters of peer stacks can't be linked to yet, since they have no address: ${east}/f. Run pulumi up on them, and ` +
        "then on this stack again, which then links what exists.",
    ]);
  });

  it("may be one that links name and no stack has, which is told once all stacks are there", async () => {
    const links = [{ from: "a", to: "e" }, { between: ["a", "z"] }];
    const first = await peering({ clusters, links, peerStacks: [east, west] }, { stacks: { [east]: outputs } });
    expect(first.value.peerStacks.missing).toEqual([west]);
    warn.mockClear();
    const { value } = await peering({ clusters, links, peerStacks: [east] }, { stacks: { [east]: outputs } });
    expect(value.peerStacks.missing).toEqual(["z"]);
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "Links lead to clusters that no stack of peerStacks has: z. Correct links (there are: e), or name the stack that has them " +
        "in peerStacks.",
    ]);
  });

  it("is an error where peers are required", async () => {
    const settings = { clusters, peerStacks: [east], requirePeers: true };
    expect(await refusals(() => peering(settings))).toEqual([`requirePeers: ${message(east)}`]);
    expect(warn).not.toHaveBeenCalled();
  });
});

const agreementRemedy =
  "Another stack counts as it was last deployed, not as its settings are now. To give linked stacks a " +
  `new value: take ${east} out of peerStacks here, and this stack out of theirs, and run pulumi up on each with the new value; ` +
  "then put them back, and run pulumi up on each once more.";

describe("a stack that can't be peered with", () => {
  it("is told of with every reason", async () => {
    const clusters = { a: { ...agreed, network: "other" }, e: { ...agreed, podSubnet: "10.10.0.0/16" } };
    const stack = {
      ...outputs,
      clusters,
      rootCertificate: rootCertificate(authorityKey()),
      eastWestAddresses: { ...outputs.eastWestAddresses, a: { type: "IPAddress", value: "10.0.0.1" } },
    };
    const world = { stacks: { [east]: stack } };
    const [message = ""] = await refusals(() => peering({ clusters: [kwok("a")], peerStacks: [east] }, world));
    expect(message.split("\n")).toEqual([
      "Stacks that can't share a mesh:",
      `  - ${east}: cluster a has network other, this stack flat-network: set the same one in both.`,
      `  - ${east} has a cluster a, and so has this stack: rename one, names are unique in a mesh.`,
      `  - ${east}: cluster e has podSubnet 10.10.0.0/16, which overlaps podSubnet 10.10.0.0/16 of a here: give one of them a ` +
        "free subnet (or one of the stacks another addressPool).",
      `  - ${east} trusts another root than this stack, so no call between them would be accepted: let one stack keep the ` +
        "root (issueFor in its root setting) and the others take it (root.stack).",
      agreementRemedy,
    ]);
  });

  it("is told of where it is at odds with another peer stack only", async () => {
    const other = { ...outputs, clusters: { e: agreed, f: { ...agreed, serviceSubnet: "10.30.7.0/24" } } };
    const world = { stacks: { [east]: outputs, [west]: other } };
    const [message = ""] = await refusals(() => peering({ clusters, peerStacks: [east, west] }, world));
    expect(message.split("\n").slice(1)).toEqual([
      `  - ${east} and ${west} both have a cluster e: rename one, names are unique in a mesh.`,
      `  - ${east}: cluster e has podSubnet 10.30.0.0/16, which overlaps serviceSubnet 10.30.7.0/24 of f of ${west}: give one of ` +
        "them a free subnet (or one of the stacks another addressPool).",
    ]);
  });

  it("is told of for its subnets before it has an address", async () => {
    const stack = { clusters: { e: { ...agreed, podSubnet: "10.10.0.0/16" } } };
    const [message = ""] = await refusals(() =>
      peering({ clusters, peerStacks: [east] }, { stacks: { [east]: stack } }),
    );
    expect(message).toContain(`${east}: cluster e has podSubnet 10.10.0.0/16, which overlaps`);
  });

  it.each([
    ["solo", {}, { remoteAccess: { e: readerKubeconfig("e") }, eastWestAddresses: {} }],
    ["the community", community, {}],
  ])("is one of the other distribution, to a stack of %s", async (_, distribution, theirs) => {
    const world = { stacks: { [east]: { ...outputs, ...theirs } } };
    expect(await refusals(() => peering({ ...distribution, clusters, peerStacks: [east] }, world))).toEqual([
      `Stacks that can't share a mesh:\n  - ${east} has the other distribution: set the same one in both, they link in different ` +
        `ways.\n${agreementRemedy}`,
    ]);
  });

  it.each([
    ["one that has nothing to do with clusters", { url: "https://example.org" }],
    ["another program that has some", { version: 1 }],
  ])("is named for the outputs of %s", async (_, stack) => {
    const world = { stacks: { [east]: stack } };
    expect(await refusals(() => peering({ clusters, peerStacks: [east] }, world))).toEqual([
      `peerStacks: the outputs of ${east} are not those of a flatmesh stack. Correct the name, or run pulumi up on it with this ` +
        "version of the program.",
    ]);
  });

  it("is not taken for missing where the backend does not answer", async () => {
    refuse(east);
    expect(await refusals(() => peering({ clusters, peerStacks: [east] }))).toEqual([
      `peerStacks: the outputs of stack ${east} can't be read: 401 Unauthorized`,
    ]);
    expect(await refusals(() => peering({ clusters, peerStacks: [east] }, { preview: true }))).toEqual([]);
    expect(warn.mock.calls.map(([text]) => text)).toContain(
      `peerStacks: the outputs of stack ${east} can't be read: 401 Unauthorized`,
    );
  });
});

it("the address of a peer that has moved is the new one", async () => {
  const moved = { ...outputs, eastWestAddresses: { e: { type: "IPAddress", value: "10.9.9.9" } } };
  const { value } = await peering({ clusters, peerStacks: [east] }, { stacks: { [east]: moved } });
  expect(await valueOf(pulumi.output(value.peerStacks.peers[0]?.address))).toEqual({
    type: "IPAddress",
    value: "10.9.9.9",
  });
});

describe("links to clusters of a stack that can't be seen", () => {
  const scope = scopeOfA();
  const gateway = `kubernetes:gateway.networking.k8s.io/v1:Gateway ${scope}-peer-e`;
  const own = "organization/flatmesh/dev";
  const settings = { clusters, peerStacks: [east, west] };
  const other = {
    ...outputs,
    clusters: { w: agreed },
    eastWestAddresses: { w: { type: "IPAddress", value: "10.9.9.9" } },
  };

  it.each<[string, World]>([
    ["as the state has them", { state: [gateway] }],
    [
      "as those of a stack that the settings may have under another name now",
      { state: [gateway], stacks: { [own]: { peers: { "organization/flatmesh/esat": ["e"] } } } },
    ],
    ["as a remote Secret", { state: [`kubernetes:core/v1:Secret ${scope}-remote-secret-e`] }],
    ["as the outputs tell, where a chart has made them", { stacks: { [own]: { links: [{ from: "a", to: "e" }] } } }],
  ])("are not taken away: %s", async (_, before) => {
    const world = { ...before, stacks: { ...before.stacks, [west]: other } };
    const refused = await refusals(() => peering(settings, world));
    expect(refused).toEqual([
      `peerStacks: there is no stack ${east}, or whoever runs this may not read it, and links to clusters of such a stack ` +
        "exist (e). Correct the name, log in to the backend that has the stack, or get the right to read it. If the stack is gone " +
        "for good, take it out of peerStacks: that takes the links away. Nothing was changed.",
    ]);
    const { all, value } = await peering(settings, { ...world, preview: true });
    expect(warn.mock.calls.map(([text]) => text).join()).toContain(
      "This plan leaves those links as they are; pulumi up would be refused.",
    );
    expect(value.links).toContainEqual({ from: "a", to: "e", via: "peer Gateway" });
    expect(all("Gateway").map(objectName)).toContain("istio-remote-peer-e");
    expect(value.peerStacks.missing).toEqual([]);
    expect(value.peerStacks.neighboursUnseen).toBe(true);
  });

  it("are not taken away where the backend does not let whoever runs this read that stack", async () => {
    refuse(east);
    const world = { state: [gateway], stacks: { [west]: other } };
    expect((await refusals(() => peering(settings, world))).join()).toMatch(
      /^peerStacks: the outputs of stack organization\/flatmesh\/east can't be read: 401 Unauthorized, and links to clusters of such/,
    );
    const { value } = await peering(settings, { ...world, preview: true });
    expect(value.links).toContainEqual({ from: "a", to: "e", via: "peer Gateway" });
  });

  it("are remote Secrets that stay, in the community", async () => {
    const state = [`kubernetes:core/v1:Secret ${scope}-remote-secret-e`];
    const { all } = await peering({ ...community, clusters, peerStacks: [east] }, { state, preview: true });
    expect(all("Secret").map(objectName)).toContain("istio-remote-secret-e");
  });

  it.each<[string, object, World]>([
    ["the stack was destroyed", {}, { state: [gateway], stacks: { [east]: {} } }],
    ["the settings no longer name it", { peerStacks: [west] }, { state: [gateway] }],
    ["the settings want no such link", { links: [] }, { state: [gateway] }],
    [
      "they were of a stack that the settings no longer name, beside one that was missing before",
      { peerStacks: [west, "organization/flatmesh/north"] },
      { state: [gateway], stacks: { [own]: { peers: { [east]: ["e"], "organization/flatmesh/north": [] } } } },
    ],
    [
      "they were of another stack, whose cluster is gone",
      {},
      { state: [gateway], stacks: { [own]: { peers: { [west]: ["e"] } } } },
    ],
    [
      "they were of a cluster of this stack, of which only the state has",
      {},
      { state: [gateway, "pulumi:providers:kubernetes e-0a1b2c3d"] },
    ],
  ])("go where %s", async (_, changes, before) => {
    const world = { ...before, stacks: { ...before.stacks, [west]: other } };
    expect(await refusals(() => peering({ ...settings, ...changes }, world))).toEqual([]);
  });
});

/** Has the backend keep one stack to itself, until the test ends. */
function refuse(stack: string): void {
  const { invoke } = pulumi.runtime;
  const spy = vi
    .spyOn(pulumi.runtime, "invoke")
    .mockImplementation((token, inputs, options) =>
      inputs["name"] === stack ? Promise.reject(new Error("401 Unauthorized")) : invoke(token, inputs, options),
    );
  onTestFinished(() => {
    spy.mockRestore();
  });
}

/** What the names of all resources in cluster `a` begin with. */
function scopeOfA(): string {
  return parse({ clusters, loadBalancer: undefined }).clusters.map(namePrefixOf).join();
}
