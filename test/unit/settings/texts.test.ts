import { describe, expect, it } from "vitest";
import { issuesOf, kind, linesOf, parse } from "./config";

const community = { distribution: "community", license: undefined, repoKey: undefined };

/** How Pulumi passes on a date that stands in YAML without quotes. */
const yamlDate = "2027-01-01 10:00:00 +0000 UTC";

describe("an empty text", () => {
  it.each([
    ["network", /^network: is empty → .*, or leave it out$/],
    ["trustDomain", /^trustDomain: is empty → .*, or leave it out$/],
    ["addressPool", /^addressPool: is empty → .*, or leave it out$/],
    ["distribution", /^distribution: is not an allowed value → write solo or community, or leave it out$/],
    ["links", /^links: does not match any allowed form → .*, or leave it out$/],
    ["peerStacks", /^peerStacks: is a string, not a list → .*, or leave it out$/],
    ["uniqueNames", /^uniqueNames: is a string, not a boolean → write true or false, or leave it out$/],
  ])("is refused where Pulumi.yaml declares another default: %s", (key, line) => {
    expect(linesOf({ [key]: "" })).toEqual([expect.stringMatching(line)]);
  });

  it.each(["istioVersion", "charts", "images", "loadBalancer"])("is a key that is left out elsewhere: %s", (key) => {
    expect(parse({ [key]: "" })).toEqual(parse());
  });

  it("is refused inside", () => {
    expect(linesOf({ clusters: [kind("a", { region: "", podSubnet: " " })] })).toEqual([
      expect.stringMatching(/^clusters\[0\]\.region: is empty → use letters/),
      expect.stringMatching(/^clusters\[0\]\.podSubnet: is empty → write address/),
    ]);
  });
});

describe("what scripts and templates leave", () => {
  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ license: "${GLOO_MESH_LICENSE_KEY}" }, "license", /contains a variable/],
    [{ license: "$LICENSE" }, "license", /contains a variable/],
    [{ license: "<your-licence>" }, "license", /is a placeholder/],
    [{ license: "null" }, "license", /has no value|have no value/],
    [{ network: "null" }, "network", /have no value/],
    [{ trustDomain: "undefined" }, "trustDomain", /have no value/],
    [{ clusters: [kind("{{ .Name }}")] }, "clusters[0].name", /template/],
    [{ clusters: [kind("none")] }, "clusters[0].name", /have no value/],
    [{ images: "${HUB}/istio" }, "images", /contains a variable/],
    [{ peerStacks: ["${ORG}/flatmesh/east"] }, "peerStacks[0]", /contains a variable/],
    [{ charts: "CHANGEME" }, "charts", /is a placeholder/],
  ])("is refused: %j", (changes, path, problem) => {
    const [issue, ...others] = issuesOf(changes);
    expect(others).toEqual([]);
    expect(issue).toMatchObject({ path, remedy: "write the value itself, or leave the key out" });
    expect(issue?.problem).toMatch(problem);
  });
});

describe("what YAML makes of a text without quotes", () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ network: yamlDate }, /^network: is not a valid .* → put it in quotes, since YAML makes a date of it; /],
    [{ clusters: [kind("a", { name: 1000 })] }, /a number, not a string → write a string, in quotes$/],
    [{ clusters: [kind("a", { region: true })] }, /a boolean, not a string → write a string, in quotes$/],
    [
      { clusters: [kind("a", { workers: "3" })] },
      /a string, not a whole number → write a whole number, without quotes$/,
    ],
  ])("is told: %j", (changes, line) => {
    expect(linesOf(changes)).toEqual([expect.stringMatching(line)]);
  });
});

describe("a key that means nothing where it is", () => {
  it.each([
    ["istio_version", "did you mean istioVersion?"],
    ["ISTIO-VERSION", "did you mean istioVersion?"],
    ["version", "did you mean istioVersion?"],
    ["tag", "did you mean istioVersion?"],
    ["hub", "did you mean images?"],
    ["licenseKey", "did you mean license?"],
    ["peers", "did you mean peerStacks or requirePeers?"],
    ["podSubnet", "move it: the setting is flatmesh:clusters[].podSubnet"],
    ["renewAfterDays", "move it: the setting is flatmesh:remoteAccess.renewAfterDays"],
    ["issueFor", "move it: the setting is flatmesh:root.generate.issueFor or flatmesh:root.issueFor"],
  ])("is told what it should be: %s", (key, remedy) => {
    expect(linesOf({ [key]: "x" })).toEqual([`${key}: is not a setting → ${remedy}`]);
  });

  it.each([
    ["pod_subnet", "is not a setting → did you mean podSubnet?"],
    ["POD_CIDR", "is not a setting → did you mean podSubnet?"],
    ["subnet", "is not a setting → did you mean podSubnet or serviceSubnet?"],
    ["clusterName", "is not a setting → did you mean name?"],
    ["trustDomain", "is not a setting → move it: the setting is flatmesh:trustDomain"],
    ["kubeConfig", "is not for kind clusters → remove it: kubeconfig is for existing clusters"],
  ])("is told the same in a cluster: %s", (key, line) => {
    expect(linesOf({ clusters: [kind("a", { [key]: "x" })] })).toEqual([`clusters[0].${key}: ${line}`]);
  });
});

describe("a name of a cluster", () => {
  it.each([
    ["Cluster_1", "cluster-1"],
    ["east.example", "east-example"],
    ["EAST", "east"],
  ])("that is no label is told one: %s", (name, label) => {
    expect(linesOf({ clusters: [kind(name)] })).toEqual([expect.stringMatching(`, such as ${label}$`)]);
  });
});

it("a cluster is not called like what every object has", () => {
  expect(linesOf({ clusters: [kind("constructor")] })).toEqual([
    expect.stringMatching(/^clusters\[0\]\.name: is reserved: .* → give the cluster another name$/),
  ]);
});

describe("root.reissue", () => {
  it.each([
    ["2027-03-01T12:00:00Z", "2027-03-01T12:00:00Z"],
    [yamlDate, yamlDate],
    ["12:00, after the leak (ticket #7)", "12:00, after the leak (ticket #7)"],
    [2027, "2027"],
    [2027.5, "2027.5"],
  ])("may be any line: %j", (reissue, read) => {
    expect(parse({ root: { generate: {}, reissue } }).root).toMatchObject({ reissue: read });
  });

  it.each([
    [true, /certificates are reissued once for each$/],
    ["a\nb", /is not one line of text → write a text of one line and 253 characters at most/],
    ["-".repeat(254), /has 254 characters → write a text of one line/],
    ["", /is empty → write a text of one line/],
  ])("is refused: %j", (reissue, line) => {
    expect(linesOf({ root: { generate: {}, reissue } })).toEqual([expect.stringMatching(line)]);
  });
});

describe("the full name of a stack", () => {
  it.each(["acme/mesh/east/", "/acme/mesh/east", "https://app.pulumi.com/acme/mesh/east"])("is found in %s", (name) => {
    expect(linesOf({ peerStacks: [name] })).toEqual([
      "peerStacks[0]: is not the full name of a stack → write acme/mesh/east",
    ]);
  });
});

it("a token is not renewed before other stacks may have lost its predecessor", () => {
  expect(parse({ ...community, remoteAccess: { renewAfterDays: 7 } }).remoteAccess).toEqual({ renewAfterDays: 7 });
  expect(linesOf({ ...community, remoteAccess: { renewAfterDays: 6 } })).toEqual([
    expect.stringMatching(/^remoteAccess\.renewAfterDays: is out of bounds → write 7 or more days: /),
  ]);
});
