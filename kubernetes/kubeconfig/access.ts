import { readFileSync } from "node:fs";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { type Entries, entriesOf, readKubeconfig, textOf } from "./entries";
import { foreignEntries, type ForeignKubeconfig, readForeignKubeconfig } from "./foreign";
import { engineersEntries } from "./own";

/** Set by the class itself: nothing else may create one without having read a kubeconfig. */
let make: (entries: Entries) => Access;

/** How a cluster is reached: one context of a kubeconfig that was read by this folder's rules. */
export class Access {
  /** Not to be printed: credentials. */
  readonly #entries: Entries;

  static {
    make = (entries) => new Access(entries);
  }

  private constructor(entries: Entries) {
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
    );
  }

  /**
   * The same for the Kubernetes client: objects, since its own reader of texts knows another YAML than ours.
   *
   * @throws Error of the file system where a token's file can't be read.
   */
  async config(): Promise<KubeConfig> {
    // Loaded where it is needed: most updates ask no cluster.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const { cluster } = this.#entries.cluster;
    const user = this.#entries.user?.user ?? {};
    const name = "access";
    const config = new KubeConfig();
    config.loadFromOptions({
      currentContext: name,
      contexts: [{ name, cluster: name, user: name }],
      clusters: [
        {
          name,
          server: cluster.server.replace(/\/$/, ""),
          caData: cluster["certificate-authority-data"],
          // Data comes before the file for kubectl, and after it for the client.
          caFile: cluster["certificate-authority-data"] ? undefined : cluster["certificate-authority"],
          // The client refuses plain HTTP, which kubectl accepts, unless verification is off.
          skipTLSVerify: cluster["insecure-skip-tls-verify"] === true || cluster.server.startsWith("http:"),
          tlsServerName: cluster["tls-server-name"],
          proxyUrl: cluster["proxy-url"],
        },
      ],
      users: [
        {
          name,
          // kubectl prefers the file; the client's own reader does not know it.
          token: user.tokenFile ? readFileSync(user.tokenFile, "utf8").trim() : user.token,
          certData: user["client-certificate-data"],
          certFile: user["client-certificate-data"] ? undefined : user["client-certificate"],
          keyData: user["client-key-data"],
          keyFile: user["client-key-data"] ? undefined : user["client-key"],
          username: user.username,
          password: user.password,
          impersonateUser: user.as || undefined,
          exec: user.exec,
          authProvider: user["auth-provider"],
        },
      ],
    });
    return config;
  }
}

/**
 * A context of the engineer's own kubeconfig, as kubectl finds it: it may get credentials by programs and from files.
 *
 * @throws KubeconfigError where a file of it can't be read, or none has the context.
 */
export function engineersAccess(context: string): Access {
  return make(engineersEntries(context));
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
  return make(entriesOf(readKubeconfig(text, where), where, context));
}

/**
 * The current context of a kubeconfig that somebody else has written: it runs nothing and reads no file.
 *
 * @param where What has the text, for messages.
 * @throws KubeconfigError
 */
export function foreignAccess(text: string, where: string, context?: string): Access {
  return make(foreignEntries(readForeignKubeconfig(text, where, context)));
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
