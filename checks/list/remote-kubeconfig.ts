import { X509Certificate } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import type { Credentials } from "../../observe";
import { type Cluster, objects } from "../mesh";

/** What a control plane reads a peer with, as far as it is told by the kubeconfig in a remote secret. */
export interface RemoteAccess {
  /** URL of the API server. */
  readonly server: string;
  readonly credentials: Credentials;
  /** When the credentials end; absent where they don't, or don't say. */
  readonly ends?: { readonly from: Date; readonly to: Date };
  /** Whether they are had by a program or a provider, which only istiod can ask. */
  readonly borrowed: boolean;
}

/** One cluster that a control plane is told to read. */
export interface RemoteEntry {
  /** The Secret, as `<namespace>/<name>`. */
  readonly path: string;
  readonly namespace: string;
  readonly secret: string;
  /** The mesh's name of the cluster: the key below `data`. */
  readonly cluster: string;
  /** Annotation `networking.istio.io/cluster`, which istioctl writes and reads. */
  readonly annotated: string | undefined;
  /** A sentence about what is wrong with it, where it can't be used. */
  readonly access: RemoteAccess | string;
}

/** The clusters that istiod of a cluster is told to read, by Secrets with the label `istio/multiCluster=true` beside it. */
export async function remoteEntries(cluster: Cluster): Promise<RemoteEntry[]> {
  const istiods = await cluster.istiods();
  const namespaces = new Set(istiods.map(({ metadata }) => metadata.namespace));
  const lists = await Promise.all(
    [...(namespaces.size > 0 ? namespaces : ["istio-system"])].map((namespace) =>
      cluster.list(`/api/v1/namespaces/${namespace}/secrets?labelSelector=istio%2FmultiCluster%3Dtrue`, objects.Secret),
    ),
  );
  return lists.flat().flatMap(({ metadata, files }) =>
    Object.entries(files).map(([name, text]) => ({
      path: `${metadata.namespace}/${metadata.name}`,
      namespace: metadata.namespace,
      secret: metadata.name,
      cluster: name,
      annotated: metadata.annotations["networking.istio.io/cluster"],
      access: readRemote(text),
    })),
  );
}

const User = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  username: z.string().optional(),
  exec: z.unknown().optional(),
  "auth-provider": z.unknown().optional(),
});
type User = z.output<typeof User>;

const Kubeconfig = z.object({
  "current-context": z.string().default(""),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({ server: z.url(), "certificate-authority-data": z.string().optional() }),
    }),
  ),
  users: z.array(z.object({ name: z.string(), user: User.nullish().transform((user) => user ?? User.parse({})) })),
});

/** Reads the kubeconfig of a remote secret as istiod does; says what is wrong with it, and never quotes it. */
export function readRemote(text: string): RemoteAccess | string {
  const read = Kubeconfig.safeParse(yaml(text));
  if (!read.success) {
    const [issue] = read.error.issues;
    return `is no kubeconfig (${issue?.path.join(".") || "the text"})`;
  }
  const { contexts, clusters, users, "current-context": current } = read.data;
  const context = contexts.find(({ name }) => name === current)?.context;
  const cluster = clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = users.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined) {
    return "is a kubeconfig whose current context has no cluster or no user";
  }
  const file = (["tokenFile", "client-certificate", "client-key"] as const).find((key) => user[key] !== undefined);
  if (file !== undefined) {
    return `names a file (${file}), which istiod does not read`;
  }
  const borrowed = user.exec !== undefined || user["auth-provider"] !== undefined;
  const certificate = user["client-certificate-data"] !== undefined && user["client-key-data"] !== undefined;
  if (!borrowed && !user.token && !certificate && user.username === undefined) {
    return "has neither a token nor a client certificate";
  }
  const ends = lifeOf(user);
  const authority = cluster["certificate-authority-data"];
  return {
    server: cluster.server,
    credentials: { user, ...(authority !== undefined && { authority: Buffer.from(authority, "base64").toString() }) },
    borrowed,
    ...(ends && { ends }),
  };
}

const Claims = z.object({ exp: z.number(), iat: z.number().optional() });

function lifeOf({ token, "client-certificate-data": certificate }: User): RemoteAccess["ends"] {
  try {
    if (token !== undefined) {
      const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
      const { exp, iat = exp } = Claims.parse(JSON.parse(payload));
      return { from: new Date(iat * 1000), to: new Date(exp * 1000) };
    }
    if (certificate !== undefined) {
      const { validFrom, validTo } = new X509Certificate(Buffer.from(certificate, "base64"));
      return { from: new Date(validFrom), to: new Date(validTo) };
    }
  } catch {
    // A token that is no JWT, or has no end; a certificate that can't be read is refused by the API server.
  }
  return undefined;
}

function yaml(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
