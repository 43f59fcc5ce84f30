import { RunError } from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SettingsError } from "../../../settings";
import { keys } from "../../../settings/schema";
import { config, existing, issuesOf, kind, kwok, linesOf, parse, settingsError, stack } from "./config";

const longName = "n".repeat(46);
const kubeconfig = "clusters: [{name: c}]\ncontexts: [{name: here}]\nusers: [{name: u, user: {token: t0p-s3cret}}]\n";

const byNode = (address: string, more: object = {}) => existing("a", { nodePort: { address, ...more } });

const community = { distribution: "community", license: undefined, repoKey: undefined };

/** Changes to a valid stack, and the one issue that they cause: its path, and what its problem and remedy say. */
const single: [string, Record<string, unknown>, string, RegExp, RegExp][] = [
  ["no clusters", { clusters: undefined }, "clusters", /missing/, /at least one cluster/],
  ["an empty list of clusters", { clusters: [] }, "clusters", /0 entries/, /at least one cluster/],
  [
    "no cluster, of a stack whose root nobody takes",
    { clusters: [], root: { generate: {} } },
    "clusters",
    /0 entries/,
    /at least one cluster/,
  ],
  [
    "NodePorts of the community",
    { ...community, clusters: [byNode("10.0.0.5")] },
    "clusters[0].nodePort",
    /for the solo distribution/,
    /remove it/,
  ],
  [
    "NodePorts before there were any",
    { istioVersion: "1.27.3", clusters: [byNode("10.0.0.5")] },
    "clusters[0].nodePort",
    /1\.28 or later/,
    /1\.28\.0/,
  ],
  ...["127.0.0.1", "localhost", "::1"].map((address): (typeof single)[number] => [
    `the NodePorts of ${address}`,
    { clusters: [byNode(address)] },
    "clusters[0].nodePort.address",
    /every machine has for itself/,
    /other machines can reach/,
  ]),
  ...["10.0.0.5:30012", "https://node", "10.0.0.300", "Node_1"].map((address): (typeof single)[number] => [
    `NodePorts at ${address}`,
    { clusters: [byNode(address)] },
    "clusters[0].nodePort.address",
    /neither an IP address nor a DNS name/,
    /without scheme and port/,
  ]),
  [
    "a NodePort that is none",
    { clusters: [byNode("10.0.0.5", { port: 70000 })] },
    "clusters[0].nodePort.port",
    /out of bounds/,
    /65535 or less/,
  ],
  ["malformed JSON", { clusters: "[{" }, "clusters", /malformed JSON/, /YAML in the stack's file/],
  ["clusters that are a string", { clusters: "many" }, "clusters", /a string, not a list/, /at least one|each entry/],
  ["a cluster that is a string", { clusters: [kind("a"), "b"] }, "clusters[1]", /a string, not a map/, /map/],
  ["an unknown key", { licence: "x" }, "licence", /not a setting/, /did you mean license\?/],
  ["an unknown key like no other", { zzzzzzzzzz: "x" }, "zzzzzzzzzz", /not a setting/, /one of clusters, /],
  [
    "an unknown key of a cluster",
    { clusters: [kind("a", { podSubnets: "x" })] },
    "clusters[0].podSubnets",
    /not a/,
    /podSubnet\?/,
  ],
  [
    "a mistyped key that is needed",
    { clusters: [{ nme: "a", provisioner: "kind" }] },
    "clusters[0].nme",
    /not a/,
    /name\?/,
  ],
  [
    "an unknown key deep inside",
    { root: { generate: { algoritm: "RSA" } } },
    "root.generate.algoritm",
    /not a/,
    /algorithm\?/,
  ],
  ["an unknown key of demo", { demo: { sidecar: true } }, "demo.sidecar", /not a setting/, /sidecars\?/],
  ["an unknown key of a link", { links: [{ form: "a", to: "b" }] }, "links[0].form", /not a setting/, /from\?/],
  [
    "an unknown provisioner",
    { clusters: [kind("a", { provisioner: "knd" })] },
    "clusters[0].provisioner",
    /not an allowed value/,
    /kind\?/,
  ],
  ["no provisioner", { clusters: [{ name: "a" }] }, "clusters[0].provisioner", /missing/, /kind or kwok or existing/],
  ["no name", { clusters: [{ provisioner: "kind" }] }, "clusters[0].name", /missing/, /string/],
  ["a name that is no label", { clusters: [kind("Cluster_1")] }, "clusters[0].name", /DNS label/, /lower-case/],
  [
    "a name that is a number",
    { clusters: [kind("a", { name: 7 })] },
    "clusters[0].name",
    /a number, not a string/,
    /in quotes/,
  ],
  ["a name twice", { clusters: [kind("a"), kwok("a")] }, "clusters[1].name", /clusters\[0\] too/, /own/],
  [
    "a name too long for its Gateway",
    { clusters: [existing(longName)] },
    "clusters[0].name",
    /istio-remote-peer-/,
    /45/,
  ],
  [
    "a name too long for its nodes",
    { clusters: [kind("n".repeat(43))], uniqueNames: true },
    "clusters[0].name",
    /-control-plane/,
    /42/,
  ],
  [
    "a name too long for a balancer",
    { clusters: [kind("n".repeat(41), { controlPlanes: 3 })] },
    "clusters[0].name",
    /-external-load-/,
    /40/,
  ],
  [
    "a third of all addresses",
    { clusters: [existing("a", { serviceSubnet: "192.0.0.0/3" })] },
    "clusters[0].serviceSubnet",
    /larger than any private network/,
    /\/8 or smaller/,
  ],
  [
    "host bits",
    { clusters: [kind("a", { podSubnet: "10.1.2.0/16" })] },
    "clusters[0].podSubnet",
    /host bits/,
    /10\.1\.0\.0\/16/,
  ],
  [
    "a malformed subnet",
    { clusters: [kind("a", { podSubnet: "10.1.0.0" })] },
    "clusters[0].podSubnet",
    /not a valid CIDR/,
    /address\/prefix/,
  ],
  [
    "an octet too large",
    { clusters: [kind("a", { podSubnet: "10.256.0.0/16" })] },
    "clusters[0].podSubnet",
    /not a valid CIDR/,
    /such as/,
  ],
  ["IPv6", { clusters: [kind("a", { serviceSubnet: "fd00::/112" })] }, "clusters[0].serviceSubnet", /IPv6/, /IPv4/],
  [
    "loopback",
    { clusters: [kwok("a", { podSubnet: "127.0.0.0/16" })] },
    "clusters[0].podSubnet",
    /127\.0\.0\.0\/8/,
    /private/,
  ],
  [
    "the container network",
    { clusters: [kind("a", { podSubnet: "172.18.0.0/16" })] },
    "clusters[0].podSubnet",
    /container engine/,
    /outside/,
  ],
  [
    "a pod subnet too small",
    { clusters: [kwok("a", { podSubnet: "10.1.0.0/25" })] },
    "clusters[0].podSubnet",
    /too small/,
    /\/8 to \/24/,
  ],
  [
    "a service subnet too small",
    { clusters: [kwok("a", { serviceSubnet: "10.1.0.0/29" })] },
    "clusters[0].serviceSubnet",
    /too small/,
    /\/28/,
  ],
  [
    "a service subnet too large",
    { clusters: [kwok("a", { serviceSubnet: "11.0.0.0/8" })] },
    "clusters[0].serviceSubnet",
    /too large/,
    /\/12/,
  ],
  [
    "too many nodes",
    { clusters: [kind("a", { podSubnet: "10.1.0.0/23", workers: 2 })] },
    "clusters[0].podSubnet",
    /2 nodes.*has 3/,
    /\/22/,
  ],
  [
    "too many nodes for the plan",
    { clusters: [kind("a", { workers: 16 })], addressPool: "10.0.0.0/16" },
    "clusters[0].podSubnet",
    /16 nodes.*has 17/,
    /\/19/,
  ],
  [
    "no control plane",
    { clusters: [kind("a", { controlPlanes: 0 })] },
    "clusters[0].controlPlanes",
    /out of bounds/,
    /1 or more/,
  ],
  ["too many workers", { clusters: [kind("a", { workers: 5001 })] }, "clusters[0].workers", /out of bounds/, /5000/],
  [
    "fewer than no workers",
    { clusters: [kind("a", { workers: -1 })] },
    "clusters[0].workers",
    /out of bounds/,
    /0 or more/,
  ],
  ["half a worker", { clusters: [kind("a", { workers: 0.5 })] }, "clusters[0].workers", /whole number/, /whole number/],
  [
    "a number in quotes",
    { clusters: [kind("a", { workers: "2" })] },
    "clusters[0].workers",
    /a string/,
    /without quotes/,
  ],
  [
    "nodeImage of an existing cluster",
    { clusters: [existing("a", { nodeImage: "x:y" })] },
    "clusters[0].nodeImage",
    /existing clusters/,
    /for kind clusters/,
  ],
  [
    "workers of an existing cluster",
    { clusters: [existing("a", { workers: 1 })] },
    "clusters[0].workers",
    /existing clusters/,
    /kind clusters and kwok/,
  ],
  [
    "context of a made cluster",
    { clusters: [kind("a", { context: "x" })] },
    "clusters[0].context",
    /kind clusters/,
    /for existing clusters/,
  ],
  [
    "an image for a shell",
    { clusters: [kind("a", { nodeImage: "x; reboot" })] },
    "clusters[0].nodeImage",
    /container image/,
    /repository:tag/,
  ],
  [
    "an existing cluster without way in",
    { clusters: [{ name: "a", provisioner: "existing" }] },
    "clusters[0]",
    /without kubeconfig and context/,
    /context/,
  ],
  [
    "an existing cluster twice",
    { clusters: [existing("a"), existing("b", { context: "a" })] },
    "clusters[1]",
    /same kubeconfig and context/,
    /once/,
  ],
  [
    "a kubeconfig that is no YAML",
    { clusters: [existing("a", { kubeconfig: "{" })] },
    "clusters[0].kubeconfig",
    /not the YAML/,
    /--secret/,
  ],
  [
    "a kubeconfig's path",
    { clusters: [existing("a", { kubeconfig: "~/.kube/config" })] },
    "clusters[0].kubeconfig",
    /not the YAML/,
    /text/,
  ],
  [
    "a kubeconfig without clusters",
    { clusters: [existing("a", { kubeconfig: "clusters: []" })] },
    "clusters[0].kubeconfig",
    /without clusters/,
    /whole/,
  ],
  [
    "a kubeconfig without the context",
    { clusters: [existing("a", { kubeconfig, context: "there" })] },
    "clusters[0].context",
    /not in the kubeconfig/,
    /get-contexts/,
  ],
  [
    "a kubeconfig without current context",
    { clusters: [existing("a", { kubeconfig, context: undefined })] },
    "clusters[0].context",
    /missing/,
    /get-contexts/,
  ],
  [
    "a platform that no chart knows",
    { clusters: [kind("a", { platform: "openshft" })] },
    "clusters[0].platform",
    /not an allowed value/,
    /openshift\?/,
  ],
  ...["eks", "AKS", "rke2", "RKE 2", "EKS Anywhere", "vanilla"].map((platform): (typeof single)[number] => [
    `the platform ${platform}, which needs none`,
    { clusters: [existing("a", { platform })] },
    "clusters[0].platform",
    /not an allowed value/,
    /^leave it out: (?!.*did you mean)/,
  ]),
  ...["ROSA", "OpenShift 4"].map((platform): (typeof single)[number] => [
    `${platform}, a platform by another name`,
    { clusters: [kind("a", { platform })] },
    "clusters[0].platform",
    /not an allowed value/,
    /^write openshift$/,
  ]),
  [
    "a zone that is no label value",
    { clusters: [kind("a", { zone: "eu west" })] },
    "clusters[0].zone",
    /label/,
    /letters/,
  ],
  ["a pool of a wrong size", { addressPool: "10.0.0.0/24" }, "addressPool", /divide/, /\/8 to \/18/],
  ["a pool that is full", { addressPool: "172.17.0.0/16" }, "addressPool", /2 of 2 clusters/, /larger pool/],
  ["an IPv6 pool", { addressPool: "fd00::/48" }, "addressPool", /IPv6/, /IPv4/],
  ["a network that is no label value", { network: "-net" }, "network", /label/, /both ends/],
  ["a trust domain that is no name", { trustDomain: "Cluster.Local" }, "trustDomain", /DNS name/, /lower-case/],
  ["an unknown distribution", { distribution: "sol" }, "distribution", /not an allowed value/, /solo\?/],
  ["a version's suffix", { istioVersion: "1.28.5-solo" }, "istioVersion", /suffix -solo/, /"1\.28\.5"/],
  ["half a version", { istioVersion: "1.28" }, "istioVersion", /not a version/, /three numbers/],
  ["a v before the version", { istioVersion: "v1.28.5" }, "istioVersion", /a v/, /"1\.28\.5"/],
  ["no licence", { license: undefined }, "license", /missing/, /--secret|licenseSecretRef/],
  ["an empty licence", { license: "" }, "license", /missing/, /community/],
  ["a licence with a line break", { license: "abc\n" }, "license", /line break/, /alone/],
  ["two licences", { licenseSecretRef: { name: "x" } }, "licenseSecretRef", /beside license/, /one of the two/],
  [
    "a licence's Secret without name",
    { license: undefined, licenseSecretRef: { namespace: "x" } },
    "licenseSecretRef.name",
    /missing/,
    /string/,
  ],
  ["no repo key", { repoKey: undefined }, "repoKey", /missing/, /12 characters/],
  [
    "no repo key, and charts alone",
    { repoKey: undefined, charts: "./charts" },
    "repoKey",
    /missing/,
    /both charts and images/,
  ],
  ["a malformed repo key", { repoKey: "ABC" }, "repoKey", /not a repo key/, /12 lower-case/],
  ["the peering chart too early", { linkMethod: "chart" }, "linkMethod", /1\.29/, /gateways/],
  ["no peering chart", { linkMethod: "chart", ...community }, "linkMethod", /no peering chart/, /gateways/],
  [
    "community too old",
    { istioVersion: "1.30.3", ...community },
    "istioVersion",
    /before 1\.31 istiod loses the services/,
    /1\.31\.0/,
  ],
  [
    "tokens of the community",
    { remoteAccess: { renewAfterDays: 30 } },
    "remoteAccess",
    /for the community distribution/,
    /distribution: community/,
  ],
  [
    "tokens that are always old",
    { remoteAccess: { renewAfterDays: 0 }, ...community },
    "remoteAccess.renewAfterDays",
    /out of bounds/,
    /7 or more days/,
  ],
  [
    "an API server for peers that don't read it",
    { clusters: [existing("a", { context: "here", apiServer: "https://10.0.0.5:6443" })] },
    "clusters[0].apiServer",
    /for the community distribution/,
    /distribution: community/,
  ],
  ...["http://10.0.0.5", "10.0.0.5:6443", "https://user@10.0.0.5", "https://10.0.0.5/path", "https://"].map(
    (apiServer): (typeof single)[number] => [
      `an API server at ${apiServer}`,
      { clusters: [existing("a", { context: "here", apiServer })], ...community },
      "clusters[0].apiServer",
      /not an https URL of a host alone/,
      /https:\/\/HOST/,
    ],
  ),
  ...["https://127.0.0.1:6443", "https://localhost", "https://[::1]:6443"].map((apiServer): (typeof single)[number] => [
    `an API server at ${apiServer}`,
    { clusters: [existing("a", { context: "here", apiServer })], ...community },
    "clusters[0].apiServer",
    /every machine has for itself/,
    /https:\/\/HOST/,
  ]),
  ["community with a licence", { distribution: "community", repoKey: undefined }, "license", /community/, /remove it/],
  ["community with a repo key", { distribution: "community", license: undefined }, "repoKey", /community/, /remove it/],
  ["charts by https", { charts: "https://example.com/charts" }, "charts", /neither/, /oci:\/\//],
  [
    "charts of a host without oci",
    { charts: "us-docker.pkg.dev/soloio-img/istio-helm" },
    "charts",
    /neither/,
    /oci:\/\//,
  ],
  ["images with a scheme", { images: "oci://docker.io/istio" }, "images", /scheme oci:\/\//, /write docker\.io\/istio/],
  ["images with a tag", { images: "docker.io/istio:1.28" }, "images", /not an image hub/, /tag/],
  ["a Gateway API without v", { gatewayApi: { version: "1.4.0" } }, "gatewayApi.version", /Gateway API/, /v1\.4\.0/],
  ["manifests without TLS", { gatewayApi: { manifests: "http://x/y.yaml" } }, "gatewayApi.manifests", /https/, /path/],
  [
    "a link to an unknown cluster",
    { links: [{ from: "a", to: "bb" }] },
    "links[0].to",
    /not a cluster of this stack/,
    /did you mean b\?/,
  ],
  [
    "a link from an unknown cluster",
    { links: [{ from: "x", to: "b" }], peerStacks: ["o/p/s"] },
    "links[0].from",
    /not a cluster/,
    /peer's own stack/,
  ],
  [
    "a link between unknown clusters",
    { links: [{ between: ["a", "x"] }] },
    "links[0].between[1]",
    /not a cluster/,
    /peerStacks/,
  ],
  ["a link to itself", { links: [{ from: "a", to: "a" }] }, "links[0]", /itself/, /another/],
  [
    "a link twice",
    { links: [{ between: ["a", "b"] }, { from: "b", to: "a" }] },
    "links[1]",
    /links\[0\] already/,
    /once/,
  ],
  ["a link between one", { links: [{ between: ["a"] }] }, "links[0].between", /1 entry/, /two names/],
  [
    "a link of both forms",
    { links: [{ from: "a", to: "b", between: ["a", "b"] }] },
    "links[0].between",
    /one-way/,
    /remove/,
  ],
  ["links that are no mesh", { links: "mash" }, "links", /any allowed form/, /mesh/],
  ["an unknown link method", { linkMethod: "charts" }, "linkMethod", /not an allowed value/, /chart\?/],
  ["a short stack name", { peerStacks: ["dev"] }, "peerStacks[0]", /full name/, /organization\/project\/stack/],
  ["a peer stack twice", { peerStacks: ["o/p/s", "o/p/s"] }, "peerStacks[1]", /twice/, /once/],
  ["peers required and none named", { requirePeers: true }, "requirePeers", /no peerStacks/, /list/],
  ["a string for true", { uniqueNames: "yes" }, "uniqueNames", /a string, not a boolean/, /true or false/],
  ["a demo of no form", { demo: "on" }, "demo", /any allowed form/, /sidecars/],
  [
    "a load balancer without kind",
    { clusters: [kwok("a")], loadBalancer: "cloud-provider-kind" },
    "loadBalancer",
    /for kind clusters/,
    /loadBalancer: none/,
  ],
  [
    "a load balancer's image without kind",
    { clusters: [kwok("a")], loadBalancer: { image: "mirror.example.com/cpk:1" } },
    "loadBalancer.image",
    /for kind clusters/,
    /leave it out/,
  ],
  [
    "a load balancer of no form",
    { loadBalancer: "metallb" },
    "loadBalancer",
    /any allowed form/,
    /cloud-provider-kind, none/,
  ],
  [
    "images without nodes to load them into",
    { clusters: [kwok("a")], loadBalancer: undefined, preloadImages: ["busybox:1"] },
    "preloadImages",
    /for kind clusters/,
    /leave it out/,
  ],
  ["an image without a tag", { preloadImages: ["busybox"] }, "preloadImages[0]", /with a tag/, /repository:tag/],
];

describe("each issue of a stack's settings", () => {
  it.each(single)("%s", (_, changes, path, problem, remedy) => {
    const issues = issuesOf(changes);
    expect(issues.map(({ path }) => path)).toEqual([path]);
    expect(issues[0]?.problem).toMatch(problem);
    expect(issues[0]?.remedy).toMatch(remedy);
  });

  it("shows the offending value", () => {
    expect(issuesOf({ network: "-net" })[0]?.value).toBe("-net");
    expect(issuesOf({ clusters: [kind("a", { workers: -1 })] })[0]?.value).toBe(-1);
  });

  it("is found for overlaps of any two subnets, wherever they are", () => {
    const clusters = [
      kind("a", { podSubnet: "10.10.0.0/16" }),
      kwok("b", { serviceSubnet: "10.10.4.0/24" }),
      existing("c", { podSubnet: "10.10.4.128/25" }),
    ];
    expect(linesOf({ clusters })).toEqual([
      expect.stringMatching(/^clusters\[1\]\.serviceSubnet: overlaps clusters\[0\]\.podSubnet \(10\.10\.0\.0\/16\)/),
      expect.stringMatching(/^clusters\[2\]\.podSubnet: overlaps clusters\[0\]\.podSubnet/),
      expect.stringMatching(/^clusters\[2\]\.podSubnet: overlaps clusters\[1\]\.serviceSubnet/),
    ]);
  });

  it("is found for a stack that names itself", () => {
    const itself = { stack: "organization/flatmesh/dev" };
    const peers = settingsError(stack({ peerStacks: [itself.stack] }), itself);
    const root = settingsError(stack({ root: itself }), itself);
    expect([...peers.issues, ...root.issues].map(({ path }) => path)).toEqual(["peerStacks[0]", "root.stack"]);
  });
});

describe("a value for one form of a setting", () => {
  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ["a link of two forms", { links: [{ from: "a", between: ["a", "b"] }] }, "links[0].from", /for a one-way link/],
    ["a root of two forms", { root: { stack: "o/p/s", trusted: ["a"] } }, "root.trusted", /for a generated root/],
    ["a root of no form", { root: { zzzzzz: 1 } }, "root.zzzzzz", /one of trusted, .*, existing/],
    ["a load balancer without image", { loadBalancer: { a: 1 } }, "loadBalancer.a", /image/],
  ])("is not told to belong to itself: %s", (_, changes, path, remedy) => {
    const found = issuesOf(changes).find((issue) => issue.path === path);
    expect(found?.remedy).toMatch(remedy);
    expect(found?.problem).not.toMatch(remedy);
  });

  it("is checked by all forms if its provisioner does not say which one it is", () => {
    const clusters = [{ name: "A", workers: 0.5, context: 5, nodeimage: "x" }];
    expect(issuesOf({ clusters }).map(({ path }) => path)).toEqual([
      "clusters[0].name",
      "clusters[0].provisioner",
      "clusters[0].workers",
      "clusters[0].nodeimage",
      "clusters[0].context",
    ]);
  });
});

describe("all issues together", () => {
  const many = {
    clusters: [
      kind("A", { podSubnet: "10.30.0.0/16", workers: "2" }),
      kind("b", { podSubnet: "10.30.7.0/24", nodeimage: "x:y" }),
      existing("b", { podSubnet: "10.30.7.1/24" }),
    ],
    license: undefined,
    lisence: "s3cret",
    repoKey: undefined,
    links: [{ from: "b", to: "q" }, { between: [1, "b"] }],
    root: { generate: { renewBeforeDays: 900 } },
    uniqueNames: "perhaps",
  };

  it("are in one error, whichever check finds them", () => {
    expect(
      issuesOf(many)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(
      [
        "clusters[0].name",
        "clusters[0].workers",
        "clusters[1].nodeimage",
        "clusters[1].podSubnet",
        "clusters[2].name",
        "clusters[2].podSubnet",
        "links[0].to",
        "links[1].between[0]",
        "lisence",
        "repoKey",
        "root.generate.renewBeforeDays",
        "uniqueNames",
      ].sort(),
    );
  });

  it("do not hide one another", () => {
    const clusters = [kind("a", { workers: 0.5 }), kwok("a"), existing("b", { context: undefined })];
    const root = { generate: { rootValidityDays: 0, issueFor: ["a"] } };
    expect(
      issuesOf({ clusters, root, license: undefined, lisense: {}, clusters_: "" }).map(({ path }) => path),
    ).toEqual([
      "lisense",
      "clusters_",
      "clusters[0].workers",
      "clusters[1].name",
      "clusters[2]",
      "root.generate.rootValidityDays",
    ]);
  });

  it("are what any other value ends in", () => {
    const values = { withBigInt: false, withDate: false, depthSize: "small" } as const;
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(keys)), fc.jsonValue(values), (key, value) => {
        try {
          parse({ [key]: value });
        } catch (error) {
          expect(error).toBeInstanceOf(SettingsError);
          expect((error as SettingsError).issues).not.toEqual([]);
        }
      }),
    );
  });

  it("are a block that a person can read", () => {
    expect(settingsError(stack({ network: "-x", requirePeers: true })).message).toBe(
      [
        "2 errors in this stack's settings (the flatmesh: keys of its configuration); nothing was created or changed.",
        "",
        '  network: "-x" is not a valid Kubernetes label value',
        "    → use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
        "",
        "  requirePeers: true requires peers, and there are no peerStacks",
        "    → list the stacks to peer with in peerStacks, or leave it out",
        "",
        "See docs/settings.md#network, docs/settings.md#requirepeers",
      ].join("\n"),
    );
  });

  it("are an error that the engine prints without a stack trace", () => {
    expect(RunError.isInstance(settingsError(config({})))).toBe(true);
  });

  it("don't break on keys that every object has", () => {
    const clusters = '[{"name":"a","provisioner":"kwok","__proto__":{"workers":1},"constructor":1}]';
    expect(issuesOf({ clusters, toString: "x" }).map(({ path }) => path)).toEqual([
      "toString",
      "clusters[0].__proto__",
      "clusters[0].constructor",
    ]);
  });
});

describe("no secret is in a message", () => {
  const secret = "t0p-s3cret";
  const pem = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`;
  it.each<[string, Record<string, unknown>]>([
    ["licence", { license: `${secret} ${secret}` }],
    ["licence under a mistyped key", { licence: secret }],
    ["licence in place of the repo key", { repoKey: secret }],
    ["licence in place of its Secret", { licenseSecretRef: secret }],
    ["licence inside malformed JSON", { licenseSecretRef: `{"name": "${secret}"` }],
    ["kubeconfig that is no YAML", { clusters: [existing("a", { kubeconfig: `{ token: ${secret}` })] }],
    ["kubeconfig that is a list", { clusters: [existing("a", { kubeconfig: `- ${secret}` })] }],
    ["kubeconfig without the context", { clusters: [existing("a", { kubeconfig, context: "x" })] }],
    ["kubeconfig as a map", { clusters: [existing("a", { kubeconfig: { token: secret } })] }],
    ["kubeconfig in place of the cluster", { clusters: [secret] }],
    ["private key", { root: { certificate: secret, privateKey: pem } }],
    ["private key in place of the certificate", { root: { certificate: pem, privateKey: secret } }],
    ["private key in place of the root", { root: pem }],
    ["private key under a mistyped key", { root: { certificate: "x", privatKey: secret } }],
    ["long text in a wrong place", { network: `${secret}-`.repeat(20) }],
  ])("%s", (_, changes) => {
    const { message, issues } = settingsError(stack(changes));
    expect(message).not.toContain(secret);
    expect(issues.length).toBeGreaterThan(0);
  });
});
