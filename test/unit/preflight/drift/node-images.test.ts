import { describe, expect, it } from "vitest";
import { machineScript } from "../../../../components/clusters";
import { commandRepairs } from "../../../../preflight/drift/commands";
import { compareNodeImages } from "../../../../preflight/drift/node-images";
import { plannedClusters } from "../../components/preflight";
import { kind, parse } from "../../settings/config";

const [cluster] = plannedClusters(parse({ clusters: [kind("a", { workers: 1 })] }));
const prefix = cluster?.namePrefix ?? "";
const key = `command:local:Command ${prefix}-images`;

const nodes = ["a-control-plane", "a-worker"];
const here = "hub/pilot:1 sha256:11\nhub/ztunnel:1 sha256:12";
const stdout = nodes
  .flatMap((node) => [
    `${node} hub/pilot:1 docker.io/hub/pilot:1 sha256:21`,
    `${node} hub/ztunnel:1 docker.io/hub/ztunnel:1 sha256:22`,
  ])
  .join("\n");
const asLoaded = nodes.flatMap((node) => [
  `${node} ${node.replace("a-", "")} 172.18.0.2 10.10.0.0/24 t1`,
  `+${node} image docker.io/hub/pilot:1 sha256:21`,
  `+${node} image docker.io/hub/ztunnel:1 sha256:22`,
  `+${node} image registry.k8s.io/pause:3 sha256:23`,
  `+${node} images listed`,
]);

interface Changes {
  readonly stdout?: string;
  readonly environment?: object;
  readonly images?: string;
}

function judge(lines: readonly string[], { images = here, environment, ...changes }: Changes = {}) {
  const recorded = { stdin: here, stdout, environment: { CREATE: machineScript("images-load"), ...environment } };
  const state = new Map([[key, { ...recorded, ...changes }]]);
  const compared = compareNodeImages(cluster ? [cluster] : [], { [prefix]: lines.join("\n") }, images, state);
  const { value, problems } = commandRepairs(compared, "update");
  return { reason: value[key]?.reason, messages: problems.map(({ message }) => message) };
}
const without = (line: string) => asLoaded.filter((one) => one !== line);
const worker = (name: string, digest: string) => `+a-worker image docker.io/hub/${name}:1 sha256:${digest}`;
const nothing = { reason: undefined, messages: [] };

describe("images that nodes have lost", () => {
  it.each([
    ["by deletion", without(worker("ztunnel", "22")), "node a-worker: image hub/ztunnel:1 is missing"],
    [
      "to another one of the name",
      asLoaded.map((line) => (line === worker("pilot", "21") ? worker("pilot", "99") : line)),
      "node a-worker: image hub/pilot:1 is another one than the stack has loaded",
    ],
  ])("%s", (_, lines, text) => {
    expect(judge(lines)).toEqual({ reason: `1: ${text}`, messages: [`Cluster a: ${text}. This update puts it back.`] });
    expect(judge(lines, { environment: { REPAIRED: "3: something" } }).reason).toBe(`4: ${text}`);
  });

  it("with all that a node had, as one that is another node by now", () => {
    const lines = asLoaded.filter((line) => !line.startsWith("+a-worker image docker.io/"));
    expect(judge(lines).reason).toBe(
      "1: node a-worker: image hub/pilot:1 is missing; node a-worker: image hub/ztunnel:1 is missing",
    );
  });

  it("before they have had them: a node that did not run then", () => {
    const onlyFirst = stdout.split("\n").slice(0, 2).join("\n");
    expect(judge(without(worker("ztunnel", "22")), { stdout: onlyFirst }).reason).toBe(
      "1: node a-worker: image hub/ztunnel:1 is missing",
    );
    expect(judge(asLoaded, { stdout: onlyFirst })).toEqual(nothing);
  });
});

describe("no drift is", () => {
  it("what is as it was loaded, and the last repair's reason stays", () => {
    expect(judge(asLoaded)).toEqual(nothing);
    expect(judge(asLoaded, { environment: { REPAIRED: "1: something" } })).toEqual({
      reason: "1: something",
      messages: [],
    });
  });

  it.each([
    [
      "an image that the node has pulled",
      [
        ...asLoaded.map((line) => (line === worker("pilot", "21") ? worker("pilot", "99") : line)),
        "+a-worker image docker.io/hub/pilot@sha256:99 sha256:99",
        "+a-worker images listed",
      ],
      {},
    ],
    ["an image that this machine has no longer", without(worker("ztunnel", "22")), { images: "hub/pilot:1 sha256:11" }],
    [
      "an image that was rebuilt here, which changes the Command by itself",
      without(worker("ztunnel", "22")),
      { images: here.replace("sha256:12", "sha256:13") },
    ],
    [
      "an image that no node took",
      asLoaded.filter((line) => !line.includes("ztunnel")),
      {
        stdout: stdout
          .split("\n")
          .filter((line) => !line.includes("ztunnel"))
          .join("\n"),
      },
    ],
    ["the list of a node that does not run", [...asLoaded.slice(0, 5), "a-worker worker"], {}],
    ["a list without its end", without("+a-worker images listed").filter((line) => line !== worker("pilot", "21")), {}],
    ["what a version has left that recorded nothing", asLoaded.slice(0, 1), { stdout: "" }],
    [
      "what another version's script has loaded, which changes the Command by itself",
      without(worker("ztunnel", "22")),
      { environment: { CREATE: "another" } },
    ],
    ["a machine without the clusters", [], {}],
  ] satisfies [string, string[], Changes][])("%s", (_, lines, changes) => {
    expect(judge(lines, changes)).toEqual(nothing);
  });
});
