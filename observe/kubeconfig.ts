import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { Refusal } from "../settings";
import type { Access } from "./pod-port";

/** kubectl writes null for a list whose last entry was deleted, and reads a list that is not there as empty. */
const list = <Entry extends z.ZodType>(entry: Entry) =>
  z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);

const Kubeconfig = z.looseObject({
  contexts: list(
    z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string().default("") }) }),
  ),
  clusters: list(
    z.looseObject({
      name: z.string(),
      cluster: z.looseObject({
        server: z.string(),
        "certificate-authority": z.string().optional(),
      }),
    }),
  ),
  users: list(
    z.looseObject({
      name: z.string(),
      user: z.looseObject({
        "client-certificate": z.string().optional(),
        "client-key": z.string().optional(),
        tokenFile: z.string().optional(),
      }),
    }),
  ),
});
type Kubeconfig = z.infer<typeof Kubeconfig>;

/**
 * The URL of the API server that a kubeconfig's context points at.
 *
 * @throws Refusal when the text is no kubeconfig or lacks the context. It never quotes the text.
 */
export function apiServer(kubeconfig: string, context: string): string {
  return select(read(kubeconfig, `the kubeconfig for context ${context}`), context).cluster.cluster.server;
}

/**
 * The engineer's own kubeconfig, reduced to one context, as kubectl would find it: the files of KUBECONFIG (the first
 * one that names a thing wins), else ~/.kube/config. Paths in it are made absolute.
 *
 * @throws Refusal when no file has the context.
 */
export function engineersKubeconfig(context: string): string {
  const files = (process.env["KUBECONFIG"] || join(homedir(), ".kube", "config")).split(delimiter).filter(existsSync);
  const configs = files.map((file) => absolute(read(readFileSync(file, "utf8"), file), dirname(file)));
  const merged: Kubeconfig = {
    contexts: configs.flatMap((config) => config.contexts),
    clusters: configs.flatMap((config) => config.clusters),
    users: configs.flatMap((config) => config.users),
  };
  const { context: found, cluster, user } = select(merged, context);
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": context,
    contexts: [found],
    clusters: [cluster],
    users: user === undefined ? [] : [user],
  });
}

/** Who asks an API server, and which authority has to have signed its certificate; both as a kubeconfig has them. */
export interface Credentials {
  /** PEM; the system's own authorities where it is absent. */
  readonly authority?: string;
  readonly user: Readonly<Record<string, unknown>>;
}

/**
 * The way to the API server that an access has, taken by somebody else: what another kubeconfig's credentials are worth, whatever
 * address that one has for the same server.
 *
 * @throws Refusal where the access has no such context.
 */
export function accessAs({ kubeconfig, context }: Access, { authority, user }: Credentials): Access {
  const { cluster } = select(read(kubeconfig, `the kubeconfig for context ${context}`), context).cluster;
  const trust = ["certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify"];
  const way = Object.fromEntries(Object.entries(cluster).filter(([key]) => !trust.includes(key)));
  const data =
    authority === undefined ? {} : { "certificate-authority-data": Buffer.from(authority).toString("base64") };
  const name = "somebody-else";
  return {
    kubeconfig: stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: { cluster: name, user: name } }],
      clusters: [{ name, cluster: { ...way, ...data } }],
      users: [{ name, user }],
    }),
    context: name,
  };
}

function read(text: string, where: string): Kubeconfig {
  const result = Kubeconfig.safeParse(parsedYaml(text));
  if (!result.success) {
    throw new Refusal(`${where} is no kubeconfig that kubectl would take: replace it by a valid one.`);
  }
  return result.data;
}

/** The YAML library quotes what it cannot read: a kubeconfig's text must not end up in a message. */
function parsedYaml(text: string): unknown {
  try {
    return parse(text) ?? {};
  } catch {
    return undefined;
  }
}

function select(config: Kubeconfig, name: string) {
  const context = config.contexts.find((entry) => entry.name === name);
  const cluster = config.clusters.find((entry) => entry.name === context?.context.cluster);
  if (context === undefined || cluster === undefined) {
    const known = config.contexts.map((entry) => entry.name).join(", ") || "none";
    throw new Refusal(`No kubeconfig context ${name} was found (known: ${known}): correct the context's name.`);
  }
  return { context, cluster, user: config.users.find((entry) => entry.name === context.context.user) };
}

function absolute(config: Kubeconfig, folder: string): Kubeconfig {
  const at = (key: string, path: string | undefined): Record<string, string> =>
    path ? { [key]: resolve(folder, path) } : {};
  return {
    contexts: config.contexts,
    clusters: config.clusters.map((entry) => ({
      ...entry,
      cluster: { ...entry.cluster, ...at("certificate-authority", entry.cluster["certificate-authority"]) },
    })),
    users: config.users.map((entry) => ({
      ...entry,
      user: {
        ...entry.user,
        ...at("client-certificate", entry.user["client-certificate"]),
        ...at("client-key", entry.user["client-key"]),
        ...at("tokenFile", entry.user.tokenFile),
      },
    })),
  };
}
