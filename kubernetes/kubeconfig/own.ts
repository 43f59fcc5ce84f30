/**
 * The engineer's own kubeconfig. The functions of `@kubernetes/client-node` for it do not do what kubectl does: `mergeConfig` throws
 * where two files name the same entry, of which kubectl takes the first; `makePathsAbsolute` leaves out the programs of `exec` and
 * `tokenFile`; `exportConfig` drops `tokenFile` and every field that the library does not know; and its loaders read another YAML
 * than `text.ts`, which would make two readers of one text.
 */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { type Entries, entriesOf, type Kubeconfig, readKubeconfig } from "./entries";
import { KubeconfigError } from "./error";

/**
 * A context of the engineer's own kubeconfig, as kubectl would find it: the files of KUBECONFIG (the first one that names a
 * thing wins), else ~/.kube/config. Paths in it are made absolute.
 *
 * @throws KubeconfigError where a file is none that can be read, or none has the context.
 */
export function engineersEntries(context: string): Entries {
  const files = (process.env["KUBECONFIG"] || join(homedir(), ".kube", "config")).split(delimiter).filter(existsSync);
  const configs = files.map((file) => absolute(readKubeconfig(contentOf(file), file), dirname(file)));
  return entriesOf(
    {
      contexts: configs.flatMap((config) => config.contexts),
      clusters: configs.flatMap((config) => config.clusters),
      users: configs.flatMap((config) => config.users),
    },
    "your own kubeconfig (KUBECONFIG, or ~/.kube/config)",
    context,
  );
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new KubeconfigError(file, `can't be read${code}`, "correct KUBECONFIG or the permissions of the file");
  }
}

/** Paths start from the folder of the file that has them (clientcmd/loader.go of kubernetes/client-go, ResolveLocalPaths). */
function absolute(config: Kubeconfig, folder: string): Kubeconfig {
  const at = <Key extends string>(entry: Readonly<Partial<Record<Key, string | null>>>, ...keys: readonly Key[]) =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const path = entry[key];
        return path ? [[key, resolve(folder, path)]] : [];
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
      const program = exec?.command.includes("/") ? { exec: { ...exec, command: resolve(folder, exec.command) } } : {};
      return {
        ...entry,
        user: user && { ...user, ...at(user, "client-certificate", "client-key", "tokenFile"), ...program },
      };
    }),
  };
}
