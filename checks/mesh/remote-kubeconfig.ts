import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { type ForeignKubeconfig, KubeconfigError, readForeignKubeconfig } from "../../kubernetes";
import { type Cluster, objects } from "../inventory";

/** How a control plane reads a peer, by the kubeconfig in a remote secret. */
export interface RemoteAccess {
  readonly kubeconfig: ForeignKubeconfig;
  /** When the credentials expire; absent where they don't, or don't say. */
  readonly ends?: { readonly from: Date; readonly to: Date };
}

/** A cluster that a control plane is configured to read. */
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

/** The clusters that istiod of a cluster is configured to read, by Secrets with the label `istio/multiCluster=true` beside it. */
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

/**
 * Reads the kubeconfig of a remote secret as istiod does, which accepts none that runs a program or reads a file unless its
 * PILOT_INSECURE_MULTICLUSTER_KUBECONFIG_OPTIONS names that (pkg/kube/multicluster/secretcontroller.go of istio/istio). Says
 * what is wrong with it, and never quotes it.
 */
export function readRemote(text: string): RemoteAccess | string {
  try {
    const kubeconfig = readForeignKubeconfig(text, "it");
    const { user } = kubeconfig;
    const certificate = user["client-certificate-data"] !== undefined && user["client-key-data"] !== undefined;
    if (user.token === undefined && !certificate && user.username === undefined) {
      return "has neither a token nor a client certificate";
    }
    const ends = lifeOf(user);
    return { kubeconfig, ...(ends && { ends }) };
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return error.problem;
    }
    throw error;
  }
}

const Claims = z.object({ exp: z.number(), iat: z.number().optional() });

function lifeOf({ token, "client-certificate-data": certificate }: ForeignKubeconfig["user"]): RemoteAccess["ends"] {
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
    // A token that is not a JWT, or does not expire; a certificate that can't be read is refused by the API server.
  }
  return undefined;
}
