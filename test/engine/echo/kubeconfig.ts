import { parse } from "yaml";

/** What a kubeconfig of the test's world says. */
export interface Access {
  /** Name of the cluster. */
  readonly cluster: string;
  /** By which the cluster knows its own: another one after it was made anew. */
  readonly mark: string;
}

/** What of a kubeconfig differs between two for the same cluster. */
export interface KubeconfigParts {
  /** URL below which every cluster has its API server. */
  readonly apiServers: string;
  /** Name of the context. */
  readonly context: string;
  /** Stands for a client key: may be another one each time. */
  readonly key: string;
}

interface Kubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly server: string } }];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

/** A kubeconfig of the world. */
export function kubeconfig({ cluster, mark }: Access, { apiServers, context, key }: KubeconfigParts): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [{ name: context, context: { cluster, user: "admin" } }],
    clusters: [{ name: cluster, cluster: { server: `${apiServers}/${cluster}` } }],
    users: [{ name: "admin", user: { token: mark, "client-key-data": Buffer.from(key).toString("base64") } }],
  });
}

/** Reads a kubeconfig of the world; undefined where it is not known yet. */
export function accessOf(text: string): Access | undefined {
  try {
    const { clusters, users } = parse(text) as Kubeconfig;
    // Names are the program's to give; the URL is the cluster's own.
    return { cluster: clusters[0].cluster.server.replace(/^.*\//, ""), mark: users[0].user.token };
  } catch {
    return undefined;
  }
}
