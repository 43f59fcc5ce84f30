import { stringify } from "yaml";
import { z } from "zod";
import { printableLine } from "../../printable";
import { KubeconfigError, replace } from "./error";
import { parseKubeconfig, type Whose } from "./text";

const text = z.string().nullish();
const name = text.transform((given) => given ?? "");
/** YAML 1.1, kubectl's, has more words for the two; any other text is refused. */
const flag = z.preprocess(
  (value) => (typeof value === "string" && /^(y|yes|on|n|no|off)$/i.test(value) ? /^(y|yes|on)$/i.test(value) : value),
  z.boolean().nullish(),
);

/** Go reads null for a value that is not there, wherever it stands. */
const list = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .array(z.preprocess((value) => value ?? {}, entry))
    .nullish()
    .transform((entries) => entries ?? []);

const Exec = z.looseObject({
  apiVersion: text,
  command: text,
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: text, value: text })).nullish(),
  installHint: text,
  interactiveMode: text,
  provideClusterInfo: flag,
});

const User = z.looseObject({
  token: text,
  tokenFile: text,
  "client-certificate": text,
  "client-certificate-data": text,
  "client-key": text,
  "client-key-data": text,
  username: text,
  password: text,
  as: text,
  "as-uid": text,
  "as-groups": z.array(z.string()).nullish(),
  "as-user-extra": z.record(z.string(), z.array(z.string()).nullable()).nullish(),
  exec: Exec.nullish(),
  "auth-provider": z.looseObject({ name: text, config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

const Context = z.looseObject({ cluster: name, user: text, namespace: text });
const Cluster = z.looseObject({
  server: name,
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": flag,
  "tls-server-name": text,
  "proxy-url": text,
});

const orEmpty = <Entry extends z.ZodType>(entry: Entry) => z.preprocess((value) => value ?? {}, entry);

/**
 * What kubectl reads (tools/clientcmd/api/v1/types.go of kubernetes/client-go), as far as anything here asks for it. It takes
 * what is not there for empty, and refuses a whole file for a value of another type, wherever that stands.
 */
const Kubeconfig = z.looseObject({
  apiVersion: z.literal(["v1", ""]).nullish(),
  kind: z.literal(["Config", ""]).nullish(),
  "current-context": text,
  contexts: list(z.looseObject({ name, context: orEmpty(Context) })),
  clusters: list(z.looseObject({ name, cluster: orEmpty(Cluster) })),
  users: list(z.looseObject({ name, user: User.nullish() })),
});
export type Kubeconfig = z.output<typeof Kubeconfig>;

/** One context of a kubeconfig, with the cluster and the user that it names; every user may be left out. */
export interface Entries {
  readonly context: Kubeconfig["contexts"][number];
  readonly cluster: Kubeconfig["clusters"][number];
  readonly user?: Kubeconfig["users"][number];
}

/**
 * What a kubeconfig has, as kubectl would read it.
 *
 * @param where What has it, for messages.
 * @param whose The engineer's own, or somebody else's: stricter limits apply to that one.
 * @throws KubeconfigError
 */
export function readKubeconfig(text: string, where: string, whose: Whose = "own"): Kubeconfig {
  const content = parseKubeconfig(text, where, whose) ?? {};
  if (typeof content !== "object" || Array.isArray(content)) {
    throw new KubeconfigError(where, "is not the YAML of a kubeconfig", replace);
  }
  const result = Kubeconfig.safeParse(content);
  if (!result.success) {
    const place = placeOf(result.error.issues[0]?.path ?? [], content);
    throw new KubeconfigError(where, `is not a kubeconfig that kubectl accepts (${place})`, replace);
  }
  const { contexts, clusters, users } = result.data;
  for (const [kind, entries] of Object.entries({ contexts, clusters, users })) {
    const names = entries.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) < index);
    if (twice !== undefined) {
      throw new KubeconfigError(
        where,
        `has two ${kind} with the same name${twice && ` (${shown(twice)})`}, which kubectl does not accept`,
        "delete one of the two, or give it another name",
      );
    }
  }
  return result.data;
}

/** Where a value stands: `users[1].user.token of east`, with the name of the entry if it has one. */
function placeOf(path: readonly PropertyKey[], content: object): string {
  const place = path
    .map((part) => (typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
  const [kind, index] = path;
  const entries: unknown = Object.entries(content).find(([key]) => key === kind)?.[1];
  const entry: unknown = Array.isArray(entries) && typeof index === "number" ? entries[index] : undefined;
  const named = z.object({ name: z.string().min(1) }).safeParse(entry).data;
  return `${place || "its text"}${named ? ` of ${shown(named.name)}` : ""}`;
}

/**
 * The entries of one context; of the current one, unless another is named.
 *
 * @throws KubeconfigError where there is no such context, or no such cluster.
 */
export function entriesOf(config: Kubeconfig, where: string, contextName = config["current-context"] ?? ""): Entries {
  const known = ({ name }: { readonly name: string }) => shown(name);
  const contexts = config.contexts.slice(0, mostNames).map(known).join(", ") || "none";
  if (contextName === "") {
    throw new KubeconfigError(
      where,
      `has no current context (known: ${contexts})`,
      "name one of its contexts, or set it with `kubectl config use-context NAME`",
    );
  }
  const context = config.contexts.find((entry) => entry.name === contextName);
  if (context === undefined) {
    throw new KubeconfigError(
      where,
      `has no context ${shown(contextName)} (known: ${contexts})`,
      "correct the context's name",
    );
  }
  const { cluster: clusterName } = context.context;
  if (clusterName === "") {
    throw new KubeconfigError(
      where,
      `has the context ${shown(contextName)} without a cluster`,
      `name one with \`kubectl config set-context ${shown(contextName)} --cluster NAME\``,
    );
  }
  const cluster = config.clusters.find((entry) => entry.name === clusterName);
  if (cluster === undefined) {
    const clusters = config.clusters.slice(0, mostNames).map(known).join(", ") || "none";
    throw new KubeconfigError(
      where,
      `has the context ${shown(contextName)}, whose cluster ${shown(clusterName)} is not in it (clusters: ${clusters})`,
      "add the cluster, or correct its name in the context",
    );
  }
  if (cluster.cluster.server === "") {
    throw new KubeconfigError(
      where,
      `has the cluster ${shown(clusterName)} without a server`,
      `set it with \`kubectl config set-cluster ${shown(clusterName)} --server https://HOST:PORT\``,
    );
  }
  const user = config.users.find((entry) => entry.name === context.context.user);
  return user === undefined ? { context, cluster } : { context, cluster, user };
}

/** How many names a message lists, and the maximum length of each. */
const [mostNames, longestName] = [30, 100];

/** The name of an entry, for messages. */
export function shown(name: string): string {
  return printableLine(name, { longest: longestName });
}

/** A kubeconfig of one context, as kubectl reads it; YAML with the same bytes for the same entries. */
export function textOf({ context, cluster, user }: Entries): string {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": context.name,
    contexts: [context],
    clusters: [cluster],
    users: user === undefined ? [] : [user],
  };
  // Readers in Go know YAML 1.1, where the text "yes" needs quotes.
  return stringify(config, { compat: "yaml-1.1" });
}
