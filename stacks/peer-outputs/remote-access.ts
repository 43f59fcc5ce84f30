import { stringify } from "yaml";
import { type ForeignKubeconfig, KubeconfigError, readForeignKubeconfig } from "../../kubernetes";
import { mostClusters, clusterName, ownOnly, type PeerOutputs } from "./outputs";
import { Reading } from "./reading";

/** How this stack's control planes may read the clusters of another one (community distribution). */
export interface RemoteAccess {
  /** Names of the clusters that may be read. */
  readonly offered: readonly string[];
  /** Kubeconfigs (YAML, secrets, in the clear here) by cluster, with nothing but what this program writes into one. */
  readonly kubeconfigs: ReadonlyMap<string, string>;
}

/** A service account's token and an authority's certificate have a few thousand characters. */
const longest = 65_536;

/**
 * @param read Whether the kubeconfigs are needed: if not, they need not be decrypted.
 * @throws PreconditionError if a stack hands out access to clusters that are not its own, or a kubeconfig that holds anything else.
 */
export function remoteAccessIn(
  { stack, clusters = [], outputs }: PeerOutputs,
  setting: string,
  read: boolean,
): RemoteAccess {
  const reading = new Reading(stack, setting);
  const access = reading.named(clusterName, outputs["remoteAccess"], "remoteAccess", mostClusters);
  ownOnly(reading, access, clusters, "remoteAccess");
  const kubeconfigs = [...access].flatMap(([name, value]) => {
    const path = `remoteAccess.${name}`;
    const text = read ? reading.secret(value, path, longest) : undefined;
    const kubeconfig = text === undefined ? undefined : readKubeconfig(reading, text, name, path);
    return kubeconfig === undefined ? [] : [[name, kubeconfig] as const];
  });
  reading.throwIfAny();
  return { offered: [...access.keys()], kubeconfigs: new Map(kubeconfigs) };
}

/** What it takes to read a cluster: address, authority, and a bearer token or a client certificate. */
export interface RemoteCluster {
  /** Name of the cluster in the mesh. */
  readonly name: string;
  /** URL of its API server. */
  readonly server: string;
  /** The name that its certificate has to have, if not that of the URL. */
  readonly tlsServerName?: string;
  /** PEM in base64. */
  readonly authority: string;
  readonly user: Credentials;
}

type Credentials =
  { readonly token: string } | { readonly "client-certificate-data": string; readonly "client-key-data": string };

/** The kubeconfig (YAML) for a remote Secret of a control plane. */
export function remoteKubeconfig({ name, server, tlsServerName, authority, user }: RemoteCluster): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server,
          "certificate-authority-data": authority,
          // istiod takes it as client-go does: of a kubeconfig, it refuses users that run programs or read files (pkg/kube/util.go).
          ...(tlsServerName !== undefined && { "tls-server-name": tlsServerName }),
        },
      },
    ],
    users: [{ name, user }],
  });
}

/**
 * Reads the kubeconfig of a reader, and writes a new one from it: a control plane would run what an `exec` names, and go through
 * a proxy if one is given. Messages show nothing of it but keys.
 */
function readKubeconfig(reading: Reading, text: string, name: string, path: string): string | undefined {
  const read = readForeign(text, path);
  if (typeof read === "string") {
    reading.problem(path, read);
    return undefined;
  }
  const { server, authority, user, tlsServerName, proxyUrl } = read;
  const credentials = credentialsIn(user);
  const more = [proxyUrl, user.username, user.password].some((one) => one !== undefined);
  if (!isServer(server) || authority === undefined || credentials === undefined || more) {
    reading.problem(
      path,
      "is a kubeconfig with something other than an https server, its authority, and a token or a client certificate with its key",
    );
    return undefined;
  }
  return remoteKubeconfig({
    name,
    server,
    authority,
    user: credentials,
    ...(tlsServerName !== undefined && { tlsServerName }),
  });
}

/** A kubeconfig's content, or what is wrong with it, as the predicate of a sentence. */
function readForeign(text: string, where: string): ForeignKubeconfig | string {
  try {
    return readForeignKubeconfig(text, where);
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return error.problem;
    }
    throw error;
  }
}

function credentialsIn({
  token,
  "client-certificate-data": certificate,
  "client-key-data": key,
}: ForeignKubeconfig["user"]): Credentials | undefined {
  if (token !== undefined) {
    return { token };
  }
  return certificate === undefined || key === undefined
    ? undefined
    : { "client-certificate-data": certificate, "client-key-data": key };
}

/** An https URL without credentials, query or fragment; plain http only to this machine. */
function isServer(text: string): boolean {
  return /^(https:\/\/[A-Za-z0-9.:[\]-]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?)(\/[A-Za-z0-9._~/-]*)?$/.test(text);
}
