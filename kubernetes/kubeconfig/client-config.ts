import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { proxyFor } from "../../network";
import { type Entries, shown } from "./entries";
import { KubeconfigError } from "./error";
import { execCredential } from "./exec";
import { isOfServiceAccount } from "./in-cluster";

/**
 * A context for the Kubernetes client, with what the files and programs that it names have.
 *
 * @param where What has the kubeconfig, for messages.
 * @throws KubeconfigError
 */
export async function clientConfig(entries: Entries, where: string): Promise<KubeConfig> {
  // Loaded where it is needed: most updates ask no cluster.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const { cluster } = entries.cluster;
  const user = entries.user?.user ?? {};
  const isHttps = cluster.server.startsWith("https:");
  const files = new Files(where);
  const clusterName = `the cluster ${shown(entries.cluster.name)}`;
  const userName = `the user ${shown(entries.user?.name ?? "")}`;
  const authority = files.pem(clusterName, "certificate-authority", cluster);
  if (authority !== undefined && isHttps && !authority.includes("-----BEGIN CERTIFICATE-----")) {
    throw new KubeconfigError(
      where,
      `has ${clusterName}, whose certificate authority is not a certificate in PEM`,
      "give the certificate of what signs that of the API server",
    );
  }
  // Given ones come first for kubectl, and the token's file before its text; the client's own reader does not know that file.
  const token = user.tokenFile ? files.content(userName, "tokenFile", user.tokenFile).trim() : user.token;
  const own = {
    token: token || undefined,
    certificate: files.pem(userName, "client-certificate", user),
    key: files.pem(userName, "client-key", user),
  };
  const got = own.token || user.username ? undefined : await execCredential(entries, where);
  const { certificate, key } = got?.certificate ? got : own;
  if (isHttps && certificate !== undefined) {
    checkPair(certificate, key, `has ${userName}, whose client certificate`, where);
  }
  const name = "access";
  const config = new KubeConfig();
  config.loadFromOptions({
    currentContext: name,
    contexts: [{ name, cluster: name, user: name, namespace: entries.context.context.namespace ?? undefined }],
    clusters: [
      {
        name,
        server: cluster.server.replace(/\/$/, ""),
        caData: base64(authority),
        // The client refuses plain HTTP, which kubectl accepts, unless verification is off.
        skipTLSVerify: cluster["insecure-skip-tls-verify"] === true || !isHttps,
        tlsServerName: cluster["tls-server-name"],
        proxyUrl: proxyOf(cluster),
      },
    ],
    users: [
      {
        name,
        token: got?.token ?? own.token,
        certData: base64(certificate),
        keyData: base64(key),
        username: user.username,
        password: user.password,
        impersonateUser: user.as || undefined,
        authProvider: user["auth-provider"],
      },
    ],
  });
  const headers = impersonation(user);
  const apply = config.applyToHTTPSOptions.bind(config);
  config.applyToHTTPSOptions = async (options) => {
    await apply(options);
    // The client knows the user alone, and would ask with other rights than kubectl.
    options.headers = Object.assign(options.headers ?? {}, headers);
  };
  return config;
}

/** The proxy of the entry, whatever NO_PROXY says; else that of the environment. */
function proxyOf({ server, "proxy-url": proxy }: Entries["cluster"]["cluster"]): string | undefined {
  // A SOCKS proxy resolves names itself for Go's programs.
  return (proxy || proxyFor(new URL(server)))?.replace(/^socks5:/, "socks5h:");
}

type User = NonNullable<NonNullable<Entries["user"]>["user"]>;

/** Headers of client-go's transport (transport/round_trippers.go) for whom to act as, but for the user. */
function impersonation(user: User): Readonly<Record<string, string | string[]>> {
  const { "as-uid": uid, "as-groups": groups, "as-user-extra": extra } = user;
  return {
    ...(uid && { "Impersonate-Uid": uid }),
    ...(groups?.length && { "Impersonate-Group": groups }),
    ...Object.fromEntries(
      Object.entries(extra ?? {}).map(([key, values]) => [
        `Impersonate-Extra-${encodeURIComponent(key.toLowerCase())}`,
        values ?? [],
      ]),
    ),
  };
}

function base64(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text).toString("base64");
}

/** What entries name by path, or have in base64. */
class Files {
  constructor(private readonly where: string) {}

  /** Data comes before the file. */
  pem<Field extends "certificate-authority" | "client-certificate" | "client-key">(
    entry: string,
    field: Field,
    values: Readonly<Partial<Record<Field | `${Field}-data`, string | null>>>,
  ): string | undefined {
    const data = values[`${field}-data`];
    if (data) {
      return Buffer.from(data, "base64").toString("utf8");
    }
    const file = values[field];
    return file ? this.content(entry, field, file) : undefined;
  }

  content(entry: string, field: string, file: string): string {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      throw new KubeconfigError(
        this.where,
        `has ${entry}, whose ${field} ${shown(file)} ${code === "ENOENT" ? "does not exist" : `can't be read (${code})`}`,
        isOfServiceAccount(file)
          ? "run this in a pod of that cluster, as whatever deploys the stack does: the file is that of the pod's service account"
          : "correct the path, which starts from the kubeconfig's folder if it is relative, or the permissions of the file",
      );
    }
  }
}

/** A certificate that has expired, or has another key, is refused by every server, without a reason. */
function checkPair(certificate: string, key: string | undefined, what: string, where: string): void {
  const again = "get a new kubeconfig from whoever gives access to the cluster, or have the certificate renewed";
  let end: Date;
  try {
    end = new Date(new X509Certificate(certificate).validTo);
    createSecureContext({ cert: certificate, key });
  } catch {
    throw new KubeconfigError(where, `${what} and key are not PEM that belongs together`, again);
  }
  if (end.getTime() < Date.now()) {
    throw new KubeconfigError(where, `${what} expired at ${end.toISOString()}`, again);
  }
}
