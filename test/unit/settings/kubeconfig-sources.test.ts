import { describe, expect, it } from "vitest";
import { parseSettings, rehearsalConfig } from "../../../settings";
import { existing, kwok, linesOf, parse, settingsError, stack } from "./config";

const text =
  "clusters: [{name: c}]\ncontexts: [{name: here}]\ncurrent-context: here\nusers: [{name: u, user: {token: t0p-s3cret}}]\n";
const eks = { stack: "acme/eks/prod", output: "kubeconfig" };
/** An existing cluster without a context. */
const cluster = (name: string, more: object) => existing(name, { context: undefined, ...more });
const apiServer = "https://api.example.com:6443";

describe("where the kubeconfig of an existing cluster comes from", () => {
  it.each([[eks], ["in-cluster"], [text]])("may be %j", (kubeconfig) => {
    const { clusters } = parse({ clusters: [cluster("a", { kubeconfig })] });
    expect(clusters).toEqual([{ name: "a", provisioner: "existing", kubeconfig }]);
  });

  it("may be a map, as Pulumi ESC takes it over from a program's output", () => {
    const map = {
      apiVersion: "v1",
      clusters: [{ name: "c" }],
      contexts: [{ name: "here" }],
      "current-context": "here",
    };
    const [a] = parse({ clusters: [cluster("a", { kubeconfig: map })] }).clusters;
    expect(a).toMatchObject({ kubeconfig: JSON.stringify(map) });
  });

  it.each([
    [
      { stack: "eks/prod", output: "kubeconfig" },
      "kubeconfig.stack: is not the full name of a stack → write organization/project/stack",
    ],
    [{ stack: "acme/eks/prod" }, "kubeconfig.output: is missing → add it: write a string"],
    [{ stackName: "acme/eks/prod", output: "k" }, "kubeconfig.stackName: is not a setting → did you mean stack?"],
    [{ ...eks, context: "x" }, "kubeconfig.context: is not a setting → "],
    [
      {},
      "kubeconfig: does not match any allowed form → give the text of a kubeconfig, as a secret, or {stack, output}, or in-cluster",
    ],
    [42, "kubeconfig: does not match any allowed form → give the text of a kubeconfig"],
    ["incluster", "kubeconfig: is no kubeconfig → write in-cluster"],
    ["in_cluster", "kubeconfig: is no kubeconfig → write in-cluster"],
    ["acme/eks/prod", "kubeconfig: is not the YAML of a kubeconfig → give the whole text of a kubeconfig, as a secret"],
    [{ ...eks, output: "" }, "kubeconfig.output: is empty → write it as `pulumi stack output` lists it"],
  ])("is refused as %j", (kubeconfig, line) => {
    const lines = linesOf({ clusters: [cluster("a", { kubeconfig })] });
    expect(lines[0]?.replace("clusters[0].", "")).toContain(line);
    expect(lines).toHaveLength(1);
  });

  it("is another stack than the settings'", () => {
    const { issues } = settingsError(stack({ clusters: [cluster("a", { kubeconfig: eks })] }), { stack: eks.stack });
    expect(issues).toEqual([
      {
        path: "clusters[0].kubeconfig.stack",
        value: "acme/eks/prod",
        problem: "is this stack itself",
        remedy: "name the stack that makes the cluster",
      },
    ]);
  });

  it("leads to one cluster: the same output and context are the same cluster", () => {
    const same = { output: eks.output, stack: eks.stack };
    const twice = [cluster("a", { kubeconfig: eks }), cluster("b", { kubeconfig: same })];
    const remedy =
      "clusters[1]: is the same cluster as clusters[0]: same kubeconfig and context → list every cluster once";
    expect(linesOf({ clusters: twice })).toEqual([remedy]);
    const pods = ["a", "b"].map((name) => cluster(name, { kubeconfig: "in-cluster" }));
    expect(linesOf({ clusters: pods })).toEqual([remedy]);
    const contexts = ["a", "b"].map((context) => existing(context, { kubeconfig: eks }));
    expect(parse({ clusters: contexts }).clusters).toHaveLength(2);
  });
});

describe("the cluster whose pod runs the engine", () => {
  const pod = (more: object = {}) => cluster("a", { kubeconfig: "in-cluster", ...more });
  const community = { distribution: "community", license: undefined, repoKey: undefined };

  it("has one context, which nobody names", () => {
    expect(linesOf({ clusters: [pod({ context: "a" })] })).toEqual([
      "clusters[0].context: is not for kubeconfig: in-cluster, which has one context → leave it out",
    ]);
  });

  it("says how other control planes reach its API server, where they do", () => {
    const missing =
      /^clusters\[0\]\.apiServer: is missing: .* → write the URL of its API server as pods of the other clusters reach it/;
    const two = [pod(), kwok("b")];
    expect(linesOf({ ...community, clusters: two })).toEqual([expect.stringMatching(missing)]);
    expect(linesOf({ ...community, clusters: two, links: [{ from: "b", to: "a" }] })).toEqual([
      expect.stringMatching(missing),
    ]);
    expect(linesOf({ ...community, clusters: [pod()], peerStacks: ["acme/flatmesh/west"] })).toEqual([
      expect.stringMatching(missing),
    ]);
    for (const fine of [
      { clusters: [pod({ apiServer }), kwok("b")] },
      { clusters: [pod()] },
      { clusters: two, links: [{ from: "a", to: "b" }] },
    ]) {
      expect(parse({ ...community, ...fine }).clusters[0]?.name).toBe("a");
    }
    expect(parse({ clusters: two }).clusters).toHaveLength(2);
  });
});

it("a rehearsal says which kubeconfigs it replaces", () => {
  const clusters = [cluster("a", { kubeconfig: eks }), cluster("b", { kubeconfig: "in-cluster" }), existing("c")];
  const { config, changes } = rehearsalConfig(stack({ clusters }));
  expect(parseSettings(config).clusters.map(({ provisioner }) => provisioner)).toEqual(["kwok", "kwok", "kwok"]);
  expect(changes).toEqual([
    "a is a kwok cluster instead of an existing one, whose kubeconfig is output kubeconfig of stack acme/eks/prod",
    "b is a kwok cluster instead of an existing one, that of the pod which runs Pulumi",
    "c is a kwok cluster instead of an existing one",
  ]);
});
