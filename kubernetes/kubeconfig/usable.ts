import { type Entries, shown } from "./entries";
import { KubeconfigError } from "./error";

/** Group of the API between kubectl and the programs that get its credentials, and its versions that are left. */
export const execApi = "client.authentication.k8s.io";
const execVersions = ["v1", "v1beta1"].map((version) => `${execApi}/${version}`);

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
const encode = "write the file's content in base64 (`base64 -w0 FILE`), or its path without -data";

/** What was part of kubectl once (plugin/pkg/client/auth of kubernetes/client-go). */
const removedPlugins: Readonly<Record<string, string>> = {
  gcp: "run `gcloud container clusters get-credentials CLUSTER`, which writes one for gke-gcloud-auth-plugin",
  azure: "run `kubelogin convert-kubeconfig`",
};

/**
 * The entries of a context, if kubectl would use them (clientcmd/validation.go and rest/url_utils.go of kubernetes/client-go); with
 * the whole URL of the server.
 *
 * @throws KubeconfigError that names the entry, and says what to do.
 */
export function usableEntries(entries: Entries, where: string): Entries {
  const refuse = (problem: string, remedy: string): never => {
    throw new KubeconfigError(where, problem, remedy);
  };
  const { cluster } = entries.cluster;
  const clusterName = `the cluster ${shown(entries.cluster.name)}`;
  const server = serverOf(entries);
  if (server === undefined) {
    return refuse(`has ${clusterName}, whose server is not a URL`, "write https://HOST:PORT");
  }
  const authority = cluster["certificate-authority-data"] || cluster["certificate-authority"];
  if (!base64.test(cluster["certificate-authority-data"] ?? "")) {
    refuse(`has ${clusterName}, whose certificate-authority-data is not base64`, encode);
  }
  if (authority && cluster["insecure-skip-tls-verify"] === true && server.startsWith("https:")) {
    refuse(
      `has ${clusterName} with a certificate authority and insecure-skip-tls-verify, of which kubectl accepts one`,
      "leave insecure-skip-tls-verify out",
    );
  }
  const proxy = cluster["proxy-url"];
  if (proxy && !(URL.canParse(proxy) && /^(https?|socks5):\/\/./.test(proxy))) {
    refuse(
      `has ${clusterName}, whose proxy-url is not one that kubectl supports`,
      "write http://, https:// or socks5:// and HOST:PORT",
    );
  }
  const problem = userProblem(entries);
  if (problem) {
    refuse(`has the user ${shown(entries.user?.name ?? "")} ${problem[0]}`, problem[1]);
  }
  return server === cluster.server
    ? entries
    : { ...entries, cluster: { ...entries.cluster, cluster: { ...cluster, server } } };
}

/** The URL of the API server; undefined where there is none. Without a scheme, it is https where something of TLS is set. */
function serverOf({ cluster: { cluster }, user }: Entries): string | undefined {
  const { server } = cluster;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(server);
  const tls =
    cluster["certificate-authority"] ||
    cluster["certificate-authority-data"] ||
    cluster["insecure-skip-tls-verify"] ||
    user?.user?.["client-certificate"] ||
    user?.user?.["client-certificate-data"];
  const url = hasScheme ? server : `${tls ? "https" : "http"}://${server}`;
  if (/\s/.test(url) || !URL.canParse(url)) {
    return undefined;
  }
  const { protocol, hostname, pathname } = new URL(url);
  return /^https?:$/.test(protocol) && /^[\w.-]+$|^\[[0-9a-f:.]+\]$/i.test(hostname) && (hasScheme || pathname === "/")
    ? url
    : undefined;
}

/** What kubectl would not accept of the user, and what to do. */
function userProblem({ user: entry }: Entries): readonly [problem: string, remedy: string] | undefined {
  const user = entry?.user ?? {};
  const field = (["client-certificate-data", "client-key-data"] as const).find((key) => !base64.test(user[key] ?? ""));
  if (field) {
    return [`whose ${field} is not base64`, encode];
  }
  if ((user.token || user.tokenFile) && (user.username || user.password)) {
    return ["with a token and a password, of which kubectl accepts one", "delete one of the two"];
  }
  const certificate = user["client-certificate"] || user["client-certificate-data"];
  if (certificate && !user["client-key"] && !user["client-key-data"]) {
    return ["with a client certificate without its key", "add client-key or client-key-data"];
  }
  const groups = user["as-uid"] || user["as-groups"]?.length || Object.keys(user["as-user-extra"] ?? {}).length;
  if (groups && !user.as) {
    return ["that acts in groups of somebody else, but does not say as whom", "add as: USER, or leave the groups out"];
  }
  const plugin = user["auth-provider"]?.name;
  if (plugin && plugin !== "oidc") {
    const instead = Object.hasOwn(removedPlugins, plugin) ? removedPlugins[plugin] : undefined;
    return [
      `with the auth-provider ${shown(plugin)}, which kubectl ${instead ? "no longer has" : "does not know"}`,
      instead ?? "use a program (`exec`), or a token",
    ];
  }
  return user.exec ? execProblem(user.exec) : undefined;
}

type Exec = NonNullable<NonNullable<NonNullable<Entries["user"]>["user"]>["exec"]>;

function execProblem(exec: Exec): readonly [problem: string, remedy: string] | undefined {
  const { command, apiVersion, interactiveMode } = exec;
  const again = "have the kubeconfig written again by a current version of the program";
  if (!command) {
    return ["with an exec that has no command", "name the program that gets the credentials"];
  }
  if (!apiVersion || !execVersions.includes(apiVersion)) {
    return [
      `whose exec has ${apiVersion ? "an apiVersion that kubectl does not know" : "no apiVersion"}`,
      `write ${execVersions.join(" or ")}, whichever the program speaks; or ${again}`,
    ];
  }
  if (!interactiveMode ? apiVersion.endsWith("/v1") : !["Never", "IfAvailable", "Always"].includes(interactiveMode)) {
    return [
      `whose exec has ${interactiveMode ? "an invalid" : "no"} interactiveMode`,
      "write Never, IfAvailable or Always",
    ];
  }
  if (interactiveMode === "Always") {
    return [
      "whose exec needs a terminal (interactiveMode: Always), which no program has under Pulumi",
      "log in beforehand and write interactiveMode: IfAvailable, or use credentials for machines",
    ];
  }
  return undefined;
}
