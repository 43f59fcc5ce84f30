import { stringify } from "yaml";

/** What a stack tells another one in its outputs, secrets in the clear. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/** How a stack tells what its peers need: in an output of its own, or, as version 0.1 has it, in those for people. */
export type Telling = "meshPeer" | "outputs";

/** A cluster of {@link peerOutputs}, as far as attacks change it. */
type ClusterWords = Readonly<Record<string, unknown>>;

/** Name of the one cluster that a peer stack has. */
export const peerCluster = "e";

const address = { type: "IPAddress", value: "192.0.2.7" };
const agreed = { network: "flat-network", trustDomain: "cluster.local" };
const words = {
  podSubnet: "10.30.0.0/16",
  serviceSubnet: "10.255.30.0/24",
  region: "eu",
  zone: "eu-1",
  context: "kind-e",
};

/** The outputs of a peer stack without guile, with a kind cluster `e` of the community's distribution or the vendor's. */
export function peerOutputs(telling: Telling, distribution: "solo" | "community" = "solo"): StackOutputs {
  return outputsWith(telling, distribution, {});
}

function outputsWith(telling: Telling, distribution: "solo" | "community", changes: ClusterWords): StackOutputs {
  const solo = distribution === "solo";
  const remoteAccess = { [peerCluster]: readerKubeconfig(peerCluster) };
  const cluster: ClusterWords = { ...words, ...changes };
  return telling === "meshPeer"
    ? {
        meshPeer: {
          version: 1,
          distribution,
          ...agreed,
          clusters: {
            [peerCluster]: {
              ...(solo && { address }),
              kind: { machineName: "e", owner: "0a1b2c3d4e5f6071" },
              ...cluster,
            },
          },
        },
        ...(!solo && { remoteAccess }),
      }
    : {
        clusters: {
          [peerCluster]: { ...agreed, kubeconfig: "of an administrator", platform: "kubernetes", ...cluster },
        },
        eastWestAddresses: solo ? { [peerCluster]: cluster["address"] ?? address } : {},
        ...(!solo && { remoteAccess }),
      };
}

/** The kubeconfig that a stack hands out for a cluster, with `user` in place of a reader's token. */
export function readerKubeconfig(cluster: string, user: object = { token: "a.reader.token" }): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": cluster,
    contexts: [{ name: cluster, context: { cluster, user: cluster } }],
    clusters: [
      {
        name: cluster,
        cluster: { server: `https://${cluster}-control-plane:6443`, "certificate-authority-data": "QUJD" },
      },
    ],
    users: [{ name: cluster, user }],
  });
}

/** Outputs by which a stack would do harm to one that peers with it. */
export interface Attack {
  /** As the subject of a sentence. */
  readonly what: string;
  readonly distribution: "solo" | "community";
  readonly outputs: StackOutputs;
  /** The key that a refusal has to name. */
  readonly key: string;
}

/** A text that breaks out of YAML, Markdown, Mermaid and terminals. */
export const hostileText = 'eu\n"]\n```\n\u001b[2J<img src=x onerror=alert(1)>';

/** Marks what no message may repeat. */
export const hostileSecret = "the-secret-that-no-message-tells";

/** Each way to do harm that is known, by what the stack tells in either way. */
export function attacks(telling: Telling): Attack[] {
  const normal = peerOutputs(telling);
  const key = telling === "meshPeer" ? "meshPeer.clusters" : "clusters";
  const addressAt = telling === "meshPeer" ? `${key}.${peerCluster}.address` : `eastWestAddresses.${peerCluster}`;
  const addressed = (what: string, changes: object, at: string): Attack => ({
    ...solo(what, { address: { ...address, ...changes } }, ""),
    key: `${addressAt}.${at}`,
  });
  const solo = (what: string, changes: ClusterWords, at: string): Attack => ({
    what,
    distribution: "solo",
    outputs: outputsWith(telling, "solo", changes),
    key: `${key}.${peerCluster}.${at}`,
  });
  const named = (what: string, names: object, at: string): Attack => ({
    what,
    distribution: "solo",
    outputs:
      telling === "meshPeer"
        ? { meshPeer: { ...(normal["meshPeer"] as object), clusters: names } }
        : { ...normal, clusters: names },
    key: at,
  });
  const access = (what: string, remoteAccess: unknown, at = `remoteAccess.${peerCluster}`): Attack => ({
    what,
    distribution: "community",
    outputs: { ...peerOutputs(telling, "community"), remoteAccess },
    key: at,
  });
  const kubeconfig = (what: string, user: object): Attack =>
    access(what, { [peerCluster]: readerKubeconfig(peerCluster, user) });
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "/bin/sh", args: ["-c", hostileSecret] };
  const merged = readerKubeconfig(peerCluster, { token: "t", "<<": { exec } });
  const everyName = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`c${String(index)}`, agreed]));
  const rootsKey = telling === "meshPeer" ? "meshPeer.roots" : "roots";
  const roots = (what: string, told: object, at: string): Attack => ({
    what,
    distribution: "solo",
    outputs:
      telling === "meshPeer"
        ? { meshPeer: { ...(normal["meshPeer"] as object), roots: told } }
        : { ...normal, roots: told },
    key: `${rootsKey}.${at}`,
  });
  return [
    solo("a region with a line break", { region: hostileText }, "region"),
    solo("a zone with a line break", { zone: "eu-1\nzone: other" }, "zone"),
    solo("a region of 10 MB", { region: "e".repeat(10_000_000) }, "region"),
    {
      ...solo("a network of no label", { network: hostileText }, "network"),
      ...(telling === "meshPeer" && {
        outputs: { meshPeer: { ...(normal["meshPeer"] as object), network: hostileText } },
        key: "meshPeer.network",
      }),
    },
    solo("a default route for the services' subnet", { serviceSubnet: "128.0.0.0/1" }, "serviceSubnet"),
    solo("a third of all addresses for the pods' subnet", { podSubnet: "192.0.0.0/3" }, "podSubnet"),
    solo("the container engine's network for a kind cluster", { podSubnet: "172.18.0.0/16" }, "podSubnet"),
    solo("a subnet with an option in it", { serviceSubnet: "10.0.0.0/16 via 10.0.0.1" }, "serviceSubnet"),
    solo("a context with a line break", { context: "kind-e\nkind-f" }, "context"),
    addressed("an address with a line break", { type: "Hostname", value: "e.example.com\nx" }, "value"),
    addressed("an address of the machine itself", { value: "127.0.0.1" }, "value"),
    addressed("a name for an IP address", { value: "e.example.com" }, "type"),
    addressed("a negative port", { port: -1 }, "port"),
    addressed("a port of no number", { port: "80;reboot" }, "port"),
    named("a name with quotes and line breaks", { [hostileText]: agreed }, key),
    named(
      "a name that every object inherits from",
      JSON.parse('{"__proto__": {"network": "x"}, "a b": {}}') as object,
      key,
    ),
    named("a name longer than its Gateway's can be", { ["e".repeat(46)]: agreed }, key),
    named("100,000 clusters", everyName, key),
    named("a list for its clusters", ["e"], key),
    kubeconfig("a kubeconfig that runs a program", { exec }),
    kubeconfig("a kubeconfig that runs a program beside its token", { token: "t", exec }),
    kubeconfig("a kubeconfig of an authentication provider", { "auth-provider": { name: "gcp", config: {} } }),
    kubeconfig("a kubeconfig that reads a file", { tokenFile: "/var/run/secrets/kubernetes.io/serviceaccount/token" }),
    kubeconfig("a kubeconfig that impersonates", { token: "t", as: "system:admin" }),
    kubeconfig("a kubeconfig with a token of several lines", { token: `t\n${hostileSecret}` }),
    access("a kubeconfig with a merge key", { [peerCluster]: merged }),
    access("a kubeconfig with an unknown tag", { [peerCluster]: `!!js/function ${hostileSecret}` }),
    access("a kubeconfig of no YAML", { [peerCluster]: `token: ${hostileSecret}\n  - {` }),
    access("a kubeconfig of 10 MB", { [peerCluster]: `${hostileSecret}${"x".repeat(10_000_000)}` }),
    access("a kubeconfig with a server of the file system", {
      [peerCluster]: readerKubeconfig(peerCluster).replace(/https:\S+/, "unix:///var/run/docker.sock"),
    }),
    access(
      "access to somebody else's cluster",
      { [peerCluster]: readerKubeconfig(peerCluster), other: readerKubeconfig("other") },
      "remoteAccess.other",
    ),
    access(
      "access to a cluster that every object seems to have",
      { [peerCluster]: readerKubeconfig(peerCluster), constructor: readerKubeconfig("constructor") },
      "remoteAccess.constructor",
    ),
    access("access that can't be decrypted", { [peerCluster]: {} }),
    roots("a root of junk", { trusted: { first: pem(hostileSecret) }, signing: "first" }, "trusted.first"),
    roots("a root of no certificate", { trusted: { first: "none" }, signing: "first" }, "trusted.first"),
    roots("a root of no authority's name", { trusted: { "../x": pem("QUJD") }, signing: "../x" }, "signing"),
    roots("a root that signs and is not trusted", { trusted: {}, signing: "first" }, "signing"),
    ...(telling === "meshPeer"
      ? [
          solo("another's owner with a path in it", { kind: { machineName: "e", owner: "../../x" } }, "kind.owner"),
          solo("a machine's name with an option", { kind: { machineName: "--all", owner: "a" } }, "kind.machineName"),
          {
            what: "another version of its words",
            distribution: "solo",
            outputs: { meshPeer: { ...(normal["meshPeer"] as object), version: 2 } },
            key: "meshPeer.version",
          } as const,
        ]
      : [
          {
            what: "an address of somebody else's cluster",
            distribution: "solo",
            outputs: { ...normal, eastWestAddresses: { [peerCluster]: address, other: address } },
            key: "eastWestAddresses.other",
          } as const,
        ]),
  ];
}

function pem(content: string): string {
  return `-----BEGIN CERTIFICATE-----\n${content}\n-----END CERTIFICATE-----\n`;
}
