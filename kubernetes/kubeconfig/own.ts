/**
 * The engineer's own kubeconfig. The functions of `@kubernetes/client-node` for it do not do what kubectl does: `mergeConfig` throws
 * where two files name the same entry, of which kubectl takes the first; `makePathsAbsolute` leaves out the programs of `exec` and
 * `tokenFile`; `exportConfig` drops `tokenFile` and every field that the library does not know; and its loaders read another YAML
 * than `text.ts`, which would make two readers of one text.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { type Entries, entriesOf, type Kubeconfig, readKubeconfig } from "./entries";
import { KubeconfigError } from "./error";
import { decodeKubeconfig } from "./text";

/** A context of the engineer's own kubeconfig, and what to call that in a message: the files that have it. */
export interface EngineersEntries {
  readonly entries: Entries;
  readonly where: string;
}

/**
 * A context of the engineer's own kubeconfig, as kubectl would find it: the files of KUBECONFIG (the first one that names a
 * thing wins), else ~/.kube/config. Paths in it are made absolute.
 *
 * @throws KubeconfigError where a file is none that can be read, or none has the context.
 */
export function engineersEntries(context: string): EngineersEntries {
  const files = filesIn(engineersFiles());
  const configs = configsIn(files);
  if (configs.length === 0) {
    throw new KubeconfigError(
      `your own kubeconfig (${files.join(", ")})`,
      "does not exist",
      `set KUBECONFIG to the path of a file that has the context ${context}${hintOn(files)}`,
    );
  }
  const entries = entriesOf(
    {
      contexts: configs.flatMap((config) => config.contexts),
      clusters: configs.flatMap((config) => config.clusters),
      users: configs.flatMap((config) => config.users),
    },
    `your own kubeconfig (${configs.map(({ file }) => file).join(", ")})`,
    context,
  );
  const { context: wanted, cluster, user } = entries;
  const used = configs.filter(
    ({ contexts, clusters, users }) =>
      contexts.includes(wanted) || clusters.includes(cluster) || (user !== undefined && users.includes(user)),
  );
  return { entries, where: used.map(({ file }) => file).join(" and ") };
}

/** The files of the engineer's own kubeconfig, as KUBECONFIG lists them. */
export function engineersFiles(): string {
  return process.env["KUBECONFIG"] || join(homedir(), ".kube", "config");
}

/** What a kubeconfig has under one name. */
export interface NamedEntries {
  readonly context?: Kubeconfig["contexts"][number] | undefined;
  readonly cluster?: Kubeconfig["clusters"][number] | undefined;
  readonly user?: Kubeconfig["users"][number] | undefined;
}

/**
 * What the engineer's own kubeconfig has under a name, as kubectl would find it.
 *
 * @throws KubeconfigError where a file is none that can be read.
 */
export function engineersNamed(name: string): NamedEntries {
  const configs = configsIn(filesIn(engineersFiles()));
  const named = <Entry extends { readonly name: string }>(entries: readonly Entry[]) =>
    entries.find((entry) => entry.name === name);
  return {
    context: named(configs.flatMap(({ contexts }) => contexts)),
    cluster: named(configs.flatMap(({ clusters }) => clusters)),
    user: named(configs.flatMap(({ users }) => users)),
  };
}

function filesIn(list: string): string[] {
  return list.split(delimiter).filter(Boolean);
}

function configsIn(files: readonly string[]): (Kubeconfig & { readonly file: string })[] {
  return [...new Set(files)].flatMap((file) => {
    const content = contentOf(file);
    return content === undefined ? [] : [{ file, ...absolute(readKubeconfig(content, file), dirname(file)) }];
  });
}

/** kubectl takes each path as it is. */
function hintOn(files: readonly string[]): string {
  return files.some((file) => file.startsWith("~")) ? ": a ~ in it stays as it is, unless a shell has replaced it" : "";
}

/** The text of a file; undefined where there is none, as kubectl takes that. */
function contentOf(file: string): string | undefined {
  try {
    return decodeKubeconfig(readFileSync(file), file);
  } catch (error) {
    if (error instanceof KubeconfigError) {
      throw error;
    }
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    switch (code) {
      case "ENOENT":
        return undefined;
      case "EISDIR":
        throw new KubeconfigError(file, "is a folder, not a kubeconfig", "name the file in it in KUBECONFIG");
      case "EACCES":
      case "EPERM":
        throw new KubeconfigError(
          file,
          `may not be read by this user (${code})`,
          "correct its permissions (`chmod` or `chown`), or name another file in KUBECONFIG",
        );
      default:
        throw new KubeconfigError(
          file,
          `can't be read${code && ` (${code})`}`,
          "correct KUBECONFIG or the permissions of the file",
        );
    }
  }
}

/** Paths start from the folder of the file that has them (clientcmd/loader.go of kubernetes/client-go, ResolveLocalPaths). */
function absolute(config: Kubeconfig, folder: string): Kubeconfig {
  const at = <Key extends string>(entry: Readonly<Partial<Record<Key, string | null>>>, ...keys: readonly Key[]) =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const path = entry[key];
        return path ? [[key, isAbsolute(path) ? path : resolve(folder, path)]] : [];
      }),
    );
  return {
    ...config,
    clusters: config.clusters.map((entry) => ({
      ...entry,
      cluster: { ...entry.cluster, ...at(entry.cluster, "certificate-authority") },
    })),
    users: config.users.map(({ user, ...entry }) => {
      const { exec } = user ?? {};
      const program = exec?.command?.includes("/") ? { exec: { ...exec, ...at(exec, "command") } } : {};
      return {
        ...entry,
        user: user && { ...user, ...at(user, "client-certificate", "client-key", "tokenFile"), ...program },
      };
    }),
  };
}
