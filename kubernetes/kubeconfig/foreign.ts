import { type Entries, entriesOf, type Kubeconfig, readKubeconfig } from "./entries";
import { KubeconfigError } from "./error";

/**
 * A kubeconfig written by somebody else: from a Secret in a cluster, a peer stack or a node of a cluster. It runs
 * nothing and reads no file: the credentials themselves are in it.
 */
export interface ForeignKubeconfig {
  readonly context: string;
  /** URL of the API server, http or https, of host, port and path alone. */
  readonly server: string;
  /** PEM, in base64; the system's own authorities sign where it is absent. */
  readonly authority?: string;
  readonly tlsServerName?: string;
  readonly proxyUrl?: string;
  readonly user: ForeignUser;
}

/** Texts as a kubeconfig has them: certificate and key are PEM in base64. */
export interface ForeignUser {
  readonly token?: string;
  readonly "client-certificate-data"?: string;
  readonly "client-key-data"?: string;
  readonly username?: string;
  readonly password?: string;
}

/** Fields that would make a reader run a program, read a file, trust anybody or act as somebody else; with what they do. */
const refusedOfUsers = {
  exec: "would run a program",
  "auth-provider": "would run a program",
  tokenFile: "would read a file",
  "token-file": "would read a file",
  "client-certificate": "would read a file",
  "client-key": "would read a file",
  as: "would act as somebody else",
  "as-uid": "would act as somebody else",
  "as-groups": "would act as somebody else",
  "as-user-extra": "would act as somebody else",
} as const;
const refusedOfClusters = {
  "certificate-authority": "would read a file",
  "insecure-skip-tls-verify": "would trust any server",
} as const;

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
/** A name of any kind: kinds of clusters and users put colons, slashes and @ into theirs. */
const name = /^[^\p{C}]{0,253}$/u;
/** What an HTTP header takes of each. */
const [tokenText, passwordText] = [/^[\x21-\x7e]*$/, /^[^\p{Cc}]*$/u];
const host = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+)`;
const serverUrl = new RegExp(String.raw`^https?://${host}(?::\d{1,5})?(?:/[\w.~%/:-]*)?$`);
const proxyUrl = new RegExp(String.raw`^(?:https?|socks5h?)://${host}(?::\d{1,5})?/?$`);
const hostName = new RegExp(`^${host}$`);

const remedy = "have it recreated with a token or a client certificate in it";

/**
 * Reads a kubeconfig of somebody else, as far as it defines the API server and the credentials. Other harmless fields, such as
 * extensions, are left out.
 *
 * @param where What has the kubeconfig, for messages, such as `Secret istio-system/istio-remote-secret-east`.
 * @param context One of it; the current one, if none is named.
 * @throws KubeconfigError that names the field, where any entry has one that would run, read or trust something, or where one
 *     that is taken is no such text.
 */
export function readForeignKubeconfig(text: string, where: string, context?: string): ForeignKubeconfig {
  const config = readKubeconfig(text, where, "foreign");
  refuseFields(config, where);
  const entries = entriesOf(config, where, context);
  const { cluster } = entries.cluster;
  const user = entries.user?.user ?? {};
  const validated = <Value>(
    field: string,
    value: string | null | undefined,
    pattern: RegExp,
    use: (value: string) => Value,
  ) => {
    if (value === undefined || value === null || value === "") {
      return undefined;
    }
    if (!pattern.test(value)) {
      throw new KubeconfigError(where, `has an invalid ${field}`, remedy);
    }
    return use(value);
  };
  const same = (value: string) => value;
  const data = (value: string) => value.replace(/\s/g, "");
  const authority = validated("certificate-authority-data", cluster["certificate-authority-data"], base64, data);
  const tlsServerName = validated("tls-server-name", cluster["tls-server-name"], hostName, same);
  const proxy = validated("proxy-url", cluster["proxy-url"], proxyUrl, same);
  const server = validated("server", cluster.server, serverUrl, same);
  if (server === undefined || !URL.canParse(server)) {
    throw new KubeconfigError(where, "has a server that is not a URL", remedy);
  }
  const credentials: [string, string | undefined][] = [
    ["token", validated("token", user.token, tokenText, same)],
    ["client-certificate-data", validated("client-certificate-data", user["client-certificate-data"], base64, data)],
    ["client-key-data", validated("client-key-data", user["client-key-data"], base64, data)],
    ["username", validated("username", user.username, passwordText, same)],
    ["password", validated("password", user.password, passwordText, same)],
  ];
  return {
    context: validated("context", entries.context.name, name, same) ?? "",
    server,
    ...(authority !== undefined && { authority }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(proxy !== undefined && { proxyUrl: proxy }),
    user: Object.fromEntries(credentials.filter(([, value]) => value !== undefined)),
  };
}

function refuseFields({ clusters, users }: Kubeconfig, where: string): void {
  const found = [
    ...users.flatMap(({ user }) => fieldsOf(refusedOfUsers, user ?? {})),
    ...clusters.flatMap(({ cluster }) => fieldsOf(refusedOfClusters, cluster)),
  ];
  const [first] = found;
  if (first !== undefined) {
    const [field, effect] = first;
    throw new KubeconfigError(where, `has the field ${field}, which ${effect}`, remedy);
  }
}

/** Those of some fields that an entry has a value for. */
function fieldsOf(refused: Readonly<Record<string, string>>, entry: Readonly<Record<string, unknown>>) {
  return Object.entries(refused).filter(([field]) => {
    const value = Object.hasOwn(entry, field) ? entry[field] : undefined;
    return value !== undefined && value !== null && value !== "" && value !== false;
  });
}

/** The entries of what was read, under the name of its context. */
export function foreignEntries({
  context,
  server,
  authority,
  tlsServerName,
  proxyUrl,
  user,
}: ForeignKubeconfig): Entries {
  return {
    context: { name: context, context: { cluster: context, user: context } },
    cluster: {
      name: context,
      cluster: {
        server,
        ...(authority !== undefined && { "certificate-authority-data": authority }),
        ...(tlsServerName !== undefined && { "tls-server-name": tlsServerName }),
        ...(proxyUrl !== undefined && { "proxy-url": proxyUrl }),
      },
    },
    user: { name: context, user: { ...user } },
  };
}
