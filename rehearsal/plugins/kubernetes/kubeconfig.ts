import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { engineersAccess, ownAccess } from "../../../kubernetes";
import type { Settings } from "./settings";

type Choice = Pick<Settings, "kubeconfig" | "context" | "cluster" | "namespace">;

/**
 * Loads a kubeconfig as Pulumi's provider does: from the text, or the file it names, or where kubectl looks; with the
 * chosen context, cluster and default namespace. The message of an error never quotes it, because it holds keys.
 */
export async function loadKubeconfig({ kubeconfig, context, cluster, namespace }: Choice): Promise<KubeConfig> {
  const file = expandHome(kubeconfig);
  if (context !== undefined && cluster === undefined && !existsSync(file)) {
    // As kubectl finds and reads it, files of tokens included, which the library's own loader does not in all.
    const access =
      kubeconfig === "" ? engineersAccess(context) : ownAccess(kubeconfig, "the provider's kubeconfig", context);
    const config = await access.config();
    config.contexts = config.contexts.map((each) => ({ ...each, namespace: namespace ?? each.namespace ?? "default" }));
    return config;
  }
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  try {
    if (kubeconfig === "") {
      config.loadFromDefault();
    } else if (existsSync(file)) {
      config.loadFromFile(file);
    } else {
      config.loadFromString(kubeconfig);
    }
  } catch {
    throw new Error(
      isAbsolute(file)
        ? `no kubeconfig could be read from ${file}`
        : "the provider's kubeconfig is neither a file nor valid",
    );
  }
  if (context !== undefined) {
    config.setCurrentContext(context);
  }
  const current = config.getContextObject(config.getCurrentContext());
  if (current === null) {
    throw new Error(`the kubeconfig has no context ${JSON.stringify(config.getCurrentContext())}`);
  }
  config.contexts = config.contexts.map((each) =>
    each.name === current.name
      ? { ...each, cluster: cluster ?? each.cluster, namespace: namespace ?? each.namespace ?? "default" }
      : each,
  );
  if (config.getCurrentCluster() === null) {
    throw new Error(`the kubeconfig's context ${current.name} names a cluster that is not in it`);
  }
  return config;
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}
