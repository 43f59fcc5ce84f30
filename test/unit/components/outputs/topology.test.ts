import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topology } from "../../../../components/outputs";
import type { EstablishedLink } from "../../../../components/peering";
import { existingSettings, kindSettings, kwokSettings } from "../clusters/settings";

const via = "peer Gateway";
const link = (from: string, to: string): EstablishedLink => ({ from, to, via });

describe("the topology", () => {
  it("has the clusters with their subnets on their network, and an arrow for every link", () => {
    const text = topology({
      network: "flat-network",
      clusters: [
        kindSettings({ name: "cluster-1", platform: "openshift" }),
        kwokSettings({ name: "cluster-2", podSubnet: "10.20.0.0/16", serviceSubnet: "10.255.20.0/24" }),
        existingSettings({ name: "end" }),
      ],
      peers: ["far"],
      links: [
        link("cluster-1", "cluster-2"),
        link("cluster-1", "far"),
        link("cluster-2", "cluster-1"),
        link("end", "cluster-1"),
      ],
    });
    expect(text).toBe(`flowchart LR
  subgraph network["flat-network"]
    c_cluster_1["<b>cluster-1</b><br/>openshift<br/>pods 10.10.0.0/16<br/>services 10.255.10.0/24"]
    c_cluster_2["<b>cluster-2</b><br/>pods 10.20.0.0/16<br/>services 10.255.20.0/24"]
    c_end["<b>end</b>"]
    c_far(["far<br/>(another stack)"])
  end
  c_cluster_1 <-->|peer Gateway| c_cluster_2
  c_cluster_1 -->|peer Gateway| c_far
  c_end -->|peer Gateway| c_cluster_1
`);
  });

  it("is a flowchart that Mermaid reads, whatever the clusters are called and linked", () => {
    fc.assert(
      fc.property(environment, ({ network, names, peers, links }) => {
        const clusters = names.map((name) => kindSettings({ name }));
        const { nodes, arrows } = read(topology({ network, clusters, peers, links }));
        expect(nodes.map(({ label }) => /^(?:<b>)?([^<]*)/.exec(label)?.[1])).toEqual([...names, ...peers]);
        const ids = new Map([...names, ...peers].map((name, index) => [name, nodes[index]?.id]));
        expect(new Set(ids.values()).size).toBe(names.length + peers.length);
        const drawn = arrows.flatMap(({ from, to, both }) => [`${from} ${to}`, ...(both ? [`${to} ${from}`] : [])]);
        const wanted = links.map(({ from, to }) => `${ids.get(from) ?? ""} ${ids.get(to) ?? ""}`);
        expect(drawn.sort()).toEqual(wanted.sort());
      }),
    );
  });
});

describe("whatever somebody calls a cluster", () => {
  const hostile = [
    "a\nb",
    'a"]',
    "a --> b",
    "```\n# heading",
    "click a href",
    "<img src=x onerror=alert(1)>",
    "a#quot;b",
    "end",
    "constructor",
    "__proto__",
    "\u001b[2J\u202e",
  ];

  it.each(hostile)("the topology stays one flowchart, and within its fence: %j", (bad) => {
    const clusters = [kindSettings({ name: bad, podSubnet: bad, serviceSubnet: bad })];
    const links = [link(bad, "far"), link("far", bad), link(bad, `${bad}2`)];
    const text = topology({ network: bad, clusters, peers: ["far", `${bad}2`], links });
    const { nodes, arrows } = read(text);
    expect(nodes).toHaveLength(3);
    expect(new Set(nodes.map(({ id }) => id)).size).toBe(3);
    expect(arrows).toHaveLength(2);
    expect(text).not.toContain("`");
    expect(text).not.toMatch(/[^ -~\n]/);
    expect(text.replaceAll(/<br\/>|<\/?b>|<-->|-->/g, "")).not.toMatch(/[<>]/);
  });

  it("is told in a label by character codes", () => {
    const text = topology({ network: "n", clusters: [], peers: ['a"]\n`<'], links: [] });
    expect(text).toContain('(["a#34;#93;#10;#96;#60;<br/>(another stack)"])');
  });
});

/** Names as the settings allow them, with those that are words of Mermaid's own. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/),
  fc.constantFrom("end", "graph", "subgraph", "default", "class", "style", "click", "o", "x", "a--b", "0-0"),
);

const environment = fc
  .record({
    network: fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?$/),
    all: fc.uniqueArray(name, { minLength: 2, maxLength: 8 }),
    own: fc.integer({ min: 1, max: 8 }),
  })
  .chain(({ network, all, own }) => {
    const names = all.slice(0, own);
    const pairs = names.flatMap((from) => all.filter((to) => to !== from).map((to) => link(from, to)));
    return fc.record({
      network: fc.constant(network),
      names: fc.constant(names),
      peers: fc.constant(all.slice(own)),
      links: fc.subarray(pairs),
    });
  });

interface Flowchart {
  readonly nodes: readonly { readonly id: string; readonly label: string }[];
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly both: boolean }[];
}

/**
 * Reads the part of Mermaid's flowchart grammar that the topology keeps to, and refuses everything else: one subgraph of
 * nodes with quoted labels, identifiers of letters, digits and underscores, and arrows between nodes that there are.
 */
function read(text: string): Flowchart {
  const lines = text.split("\n").map((line) => line.trim());
  expect(lines[0]).toBe("flowchart LR");
  expect(lines[1]).toMatch(/^subgraph network\["[^"<>[\](){}|]*"\]$/);
  const end = lines.indexOf("end");
  expect(lines.at(-1)).toBe("");
  const nodes = lines.slice(2, end).map((line) => {
    const [, id = "", label = ""] = /^([cn]_[a-z0-9_]+)(?:\["([^"]*)"\]|\(\["[^"]*"\]\))$/.exec(line) ?? [];
    expect(id, line).not.toBe("");
    return { id, label: label || (/\(\["([^"]*)"\]\)/.exec(line)?.[1] ?? "") };
  });
  const arrows = lines.slice(end + 1, -1).map((line) => {
    const [, from = "", arrow, to = ""] =
      /^([cn]_[a-z0-9_]+) (<-->|-->)\|[A-Za-z ]+\| ([cn]_[a-z0-9_]+)$/.exec(line) ?? [];
    expect(
      nodes.map(({ id }) => id),
      line,
    ).toEqual(expect.arrayContaining([from, to]));
    return { from, to, both: arrow === "<-->" };
  });
  return { nodes, arrows };
}
