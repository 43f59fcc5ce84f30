import { stringify } from "yaml";
import { z } from "zod";
import { printableLine } from "../../printable";
import { KubeconfigError, replace } from "./error";
import { parseKubeconfig, type Whose } from "./text";

/** kubectl writes null for a list whose last entry was deleted, and reads a list that is not there as empty. */
const list = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);

const text = z.string().nullish();
const name = z.string().default("");

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
  exec: z.looseObject({ command: z.string() }).nullish(),
  "auth-provider": z.looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

const Context = z.looseObject({ cluster: z.string().default(""), user: text });
const Cluster = z.looseObject({
  server: z.string().default(""),
  "certificate-authority": text,
  "certificate-authority-data": text,
  "insecure-skip-tls-verify": z.boolean().nullish(),
  "tls-server-name": text,
  "proxy-url": text,
});

/**
 * What kubectl reads (tools/clientcmd/api/v1/types.go of kubernetes/client-go), as far as anything here asks for it. It takes
 * what is not there for empty.
 */
const Kubeconfig = z.looseObject({
  "current-context": text,
  contexts: list(
    z.looseObject({
      name,
      context: Context.nullish().transform((context) => context ?? Context.parse({})),
    }),
  ),
  clusters: list(
    z.looseObject({
      name,
      cluster: Cluster.nullish().transform((cluster) => cluster ?? Cluster.parse({})),
    }),
  ),
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
    const path = result.error.issues[0]?.path.map((part) =>
      typeof part === "number" ? `[${String(part)}]` : `.${String(part)}`,
    );
    const place = path?.join("").replace(/^\./, "") || "its text";
    throw new KubeconfigError(where, `is not a kubeconfig that kubectl accepts (${place})`, replace);
  }
  const { contexts, clusters, users } = result.data;
  for (const [kind, entries] of Object.entries({ contexts, clusters, users })) {
    const names = entries.map(({ name }) => name);
    if (new Set(names).size < names.length) {
      throw new KubeconfigError(where, `has two ${kind} with the same name, which kubectl does not accept`, replace);
    }
  }
  return result.data;
}

/**
 * The entries of one context; of the current one, unless another is named.
 *
 * @throws KubeconfigError where there is no such context, or no such cluster.
 */
export function entriesOf(config: Kubeconfig, where: string, contextName = config["current-context"] ?? ""): Entries {
  const context = config.contexts.find((entry) => entry.name === contextName);
  const cluster = config.clusters.find((entry) => entry.name === context?.context.cluster);
  if (contextName === "" || context === undefined || cluster === undefined) {
    const what = contextName === "" ? "current context" : `context ${shown(contextName)}`;
    const known = config.contexts.slice(0, mostNames).map((entry) => shown(entry.name));
    throw new KubeconfigError(
      where,
      `has no ${what} with a cluster (known: ${known.join(", ") || "none"})`,
      "correct the context's name",
    );
  }
  const user = config.users.find((entry) => entry.name === context.context.user);
  return user === undefined ? { context, cluster } : { context, cluster, user };
}

/** How many names a message lists, and the maximum length of each. */
const [mostNames, longestName] = [30, 100];

function shown(name: string): string {
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
