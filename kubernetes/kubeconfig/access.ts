import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { clientConfig } from "./client-config";
import { type Entries, entriesOf, readKubeconfig, textOf } from "./entries";
import { KubeconfigError } from "./error";
import { foreignEntries, type ForeignKubeconfig, readForeignKubeconfig } from "./foreign";
import { isOfServiceAccount } from "./in-cluster";
import { engineersEntries } from "./own";
import { usableEntries } from "./usable";

/** Set by the class itself: nothing else may create one without having read a kubeconfig. */
let make: (entries: Entries, where: string) => Access;

/** How a cluster is reached: one context of a kubeconfig that was read by this folder's rules. */
export class Access {
  /** Not to be printed: credentials. */
  readonly #entries: Entries;

  static {
    make = (entries, where) => new Access(entries, where);
  }

  private constructor(
    entries: Entries,
    /** What has the kubeconfig, for messages. */
    private readonly where: string,
  ) {
    this.#entries = entries;
  }

  /** The context's name. */
  get context(): string {
    return this.#entries.context.name;
  }

  /** URL of the API server. */
  get server(): string {
    return this.#entries.cluster.cluster.server;
  }

  /** The name that the certificate of the API server has to have, if it is not that of the URL. */
  get tlsServerName(): string | undefined {
    return this.#entries.cluster.cluster["tls-server-name"] || undefined;
  }

  /** Fields of the cluster's entry without which its URL leads nowhere. */
  get detours(): readonly ("proxy-url" | "insecure-skip-tls-verify")[] {
    const { cluster } = this.#entries.cluster;
    return (["proxy-url", "insecure-skip-tls-verify"] as const).filter((field) => cluster[field]);
  }

  /** Whether the credentials are those of the pod that this runs in, and nobody elsewhere has them. */
  get isOfPod(): boolean {
    return isOfServiceAccount(this.#entries.user?.user?.tokenFile ?? "");
  }

  /** A kubeconfig (YAML, a secret) with this context alone. The same entries give the same bytes. */
  get kubeconfig(): string {
    return textOf(this.#entries);
  }

  /**
   * Access to this API server with the credentials of a foreign kubeconfig, to test them whatever address
   * that one has for the same server.
   */
  as({ authority, user }: Pick<ForeignKubeconfig, "authority" | "user">): Access {
    const { server, "tls-server-name": tlsServerName, "proxy-url": proxy } = this.#entries.cluster.cluster;
    return make(
      foreignEntries({
        context: "somebody-else",
        server,
        user,
        ...(authority !== undefined && { authority }),
        ...(tlsServerName && { tlsServerName }),
        ...(proxy && { proxyUrl: proxy }),
      }),
      this.where,
    );
  }

  /**
   * The same for the Kubernetes client: objects, since its own reader of texts knows another YAML than ours.
   *
   * @throws KubeconfigError where a file can't be read, or a program gets no credentials.
   */
  async config(): Promise<KubeConfig> {
    return clientConfig(this.#entries, this.where);
  }
}

/**
 * A context of the engineer's own kubeconfig, as kubectl finds it: it may get credentials by programs and from files.
 *
 * @param cluster What the mesh calls the cluster that it leads to, for messages.
 * @throws KubeconfigError where a file of it can't be read, or none has the context.
 */
export function engineersAccess(context: string, cluster?: string): Access {
  try {
    const { entries, where } = engineersEntries(context);
    return make(usableEntries(entries, where), where);
  } catch (error) {
    throw error instanceof KubeconfigError && cluster !== undefined ? error.about(cluster) : error;
  }
}

/**
 * A context of a kubeconfig that the engineer has given, in the settings or to a stack that has kept it: it may get credentials
 * by programs and from files.
 *
 * @param where What has the text, for messages.
 * @param context The kubeconfig's current one, if none is named.
 * @throws KubeconfigError
 */
export function ownAccess(text: string, where: string, context?: string): Access {
  return make(usableEntries(entriesOf(readKubeconfig(text, where), where, context), where), where);
}

/**
 * The current context of a kubeconfig that somebody else has written: it runs nothing and reads no file.
 *
 * @param where What has the text, for messages.
 * @throws KubeconfigError
 */
export function foreignAccess(text: string, where: string, context?: string): Access {
  return make(foreignEntries(readForeignKubeconfig(text, where, context)), where);
}

/**
 * A foreign kubeconfig, rewritten with nothing but the fields that are accepted: JSON, which every reader of YAML understands alike. The same
 * access gives the same bytes.
 *
 * @param where What has the text, for messages.
 * @throws KubeconfigError
 */
export function foreignKubeconfig(text: string, where: string, context?: string): string {
  const { context: entry, cluster, user } = foreignEntries(readForeignKubeconfig(text, where, context));
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": entry.name,
    contexts: [entry],
    clusters: [cluster],
    users: [user],
  });
}

/**
 * URL of the API server that a context of a kubeconfig points at.
 *
 * @throws KubeconfigError
 */
export function apiServer(kubeconfig: string, context: string): string {
  return ownAccess(kubeconfig, `the kubeconfig for context ${context}`, context).server;
}
