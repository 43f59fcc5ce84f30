import { stringify } from "yaml";
import { type ForeignKubeconfig, KubeconfigError, readForeignKubeconfig } from "../../kubernetes";
import { mostClusters, clusterName, ownOnly, type PeerOutputs } from "./outputs";
import { Reading } from "./reading";

/** How the control planes of this stack's clusters may read those of another one (community distribution). */
export interface RemoteAccess {
  /** Names of the clusters that may be read. */
  readonly offered: readonly string[];
  /** Kubeconfigs (YAML, secrets, in the clear here) by cluster: as this program writes them, and with nothing else in them. */
  readonly kubeconfigs: ReadonlyMap<string, string>;
}

/** A service account's token and an authority's certificate have a few thousand characters. */
const longest = 65_536;

/**
 * @param read Whether the kubeconfigs are wanted: where they are not, nobody has to be able to decrypt them.
 * @throws PreconditionError where a stack hands out access to clusters that are not its own, or what is no way to read them alone.
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

/** A cluster as its control planes are read: address, authority, and one bearer's token or client certificate. */
export interface RemoteCluster {
  /** Name of the cluster in the mesh. */
  readonly name: string;
  /** URL of its API server. */
  readonly server: string;
  /** PEM in base64. */
  readonly authority: string;
  readonly user: Credentials;
}

type Credentials =
  { readonly token: string } | { readonly "client-certificate-data": string; readonly "client-key-data": string };

/** The kubeconfig (YAML) for a remote Secret of a control plane. */
export function remoteKubeconfig({ name, server, authority, user }: RemoteCluster): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    users: [{ name, user }],
  });
}

/**
 * Reads the kubeconfig of a reader, and writes it anew from what was read: a control plane would run what an `exec` names, and
 * ask by another way where one is given. No message tells anything of it but keys.
 */
function readKubeconfig(reading: Reading, text: string, name: string, path: string): string | undefined {
  const read = readForeign(text, path);
  if (typeof read === "string") {
    reading.fault(path, read);
    return undefined;
  }
  const { server, authority, user, tlsServerName, proxyUrl } = read;
  const credentials = credentialsIn(user);
  const more = [tlsServerName, proxyUrl, user.username, user.password].some((one) => one !== undefined);
  if (!isServer(server) || authority === undefined || credentials === undefined || more) {
    reading.fault(
      path,
      "is a kubeconfig of something else than an https server, its authority, and a token or a client certificate with its key",
    );
    return undefined;
  }
  return remoteKubeconfig({ name, server, authority, user: credentials });
}

/** What a kubeconfig has, or what is wrong with it, as the predicate of a sentence. */
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

/** An https URL without credentials, query or fragment; plain http only on one's own machine. */
function isServer(text: string): boolean {
  return /^(https:\/\/[A-Za-z0-9.:[\]-]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?)(\/[A-Za-z0-9._~/-]*)?$/.test(text);
}
