import { parse, stringify } from "yaml";
import { z } from "zod";
import { mostClusters, clusterName, ownOnly, type PeerOutputs } from "./outputs";
import { quoted } from "./quoted";
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
 * @throws Refusal where a stack hands out access to clusters that are not its own, or what is no way to read them alone.
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

const one = <Entry extends z.ZodType>(entry: Entry) => z.tuple([entry]);

/** What this program hands out; a control plane would run what an `exec` names, and read what other keys point at. */
const Kubeconfig = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Config"),
  "current-context": z.string(),
  contexts: one(
    z.strictObject({ name: z.string(), context: z.strictObject({ cluster: z.string(), user: z.string() }) }),
  ),
  clusters: one(
    z.strictObject({
      name: z.string(),
      cluster: z.strictObject({
        server: z.string().max(2000).refine(isServer),
        "certificate-authority-data": z.base64(),
      }),
    }),
  ),
  users: one(
    z.strictObject({
      name: z.string(),
      user: z.strictObject({
        // A JSON Web Token, or another bearer's (RFC 6750).
        token: z
          .string()
          .regex(/^[A-Za-z0-9._~+/:-]+=*$/)
          .optional(),
        "client-certificate-data": z.base64().optional(),
        "client-key-data": z.base64().optional(),
      }),
    }),
  ),
});

/** Reads such a kubeconfig, and writes it anew from what was read. No message tells anything of it but keys. */
function readKubeconfig(reading: Reading, text: string, name: string, path: string): string | undefined {
  const read = Kubeconfig.safeParse(yaml(text));
  if (!read.success) {
    const [issue] = read.error.issues;
    const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
    const where = issue?.path.filter((part) => typeof part === "string").join(".");
    reading.fault(
      path,
      unknown === undefined
        ? `is no kubeconfig of a reader as this program makes them${where ? ` (${where})` : ""}`
        : `is a kubeconfig with more in it than a server, its authority and one token or client certificate: ${quoted(unknown)}`,
    );
    return undefined;
  }
  const { contexts, clusters, users, "current-context": current } = read.data;
  const [{ name: context, context: ends }] = contexts;
  const [{ name: cluster, cluster: way }] = clusters;
  const [{ name: user, user: given }] = users;
  if (current !== context || ends.cluster !== cluster || ends.user !== user) {
    reading.fault(path, "is a kubeconfig whose current context has no cluster or no user");
    return undefined;
  }
  const credentials = credentialsIn(given);
  if (credentials === undefined) {
    reading.fault(path, "is a kubeconfig without a token, or a client certificate and its key");
    return undefined;
  }
  return remoteKubeconfig({
    name,
    server: way.server,
    authority: way["certificate-authority-data"],
    user: credentials,
  });
}

function credentialsIn(user: z.output<typeof Kubeconfig>["users"][0]["user"]): Credentials | undefined {
  const { token, "client-certificate-data": certificate, "client-key-data": key } = user;
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

function yaml(text: string): unknown {
  try {
    return parse(text, { logLevel: "silent", maxAliasCount: 0 });
  } catch {
    // The parser's message quotes the text, which holds credentials.
    return undefined;
  }
}
