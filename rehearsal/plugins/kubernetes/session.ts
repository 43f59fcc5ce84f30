import { Cluster } from "./cluster";
import { Discovery } from "./discovery";
import { loadKubeconfig } from "./kubeconfig";
import type { Settings } from "./settings";

/** One configured provider: its settings, and its cluster when that answers. */
export interface Session {
  readonly settings: Settings;
  readonly discovery: Discovery;
  readonly defaultNamespace: string;
  /** Undefined when it can't be reached: previews still work then. */
  readonly cluster: Cluster | undefined;
  /** Why there is no cluster. */
  readonly unreachable: string;
}

/** Looks for the cluster once. As with Pulumi's provider, failing that is only an error when something has to be done. */
export async function openSession(settings: Settings): Promise<Session> {
  try {
    const cluster = await Cluster.open(await loadKubeconfig(settings));
    await cluster.get("/version");
    return {
      settings,
      cluster,
      discovery: new Discovery(cluster),
      defaultNamespace: cluster.defaultNamespace,
      unreachable: "",
    };
  } catch (error) {
    return {
      settings,
      cluster: undefined,
      discovery: new Discovery(undefined),
      defaultNamespace: settings.namespace ?? "default",
      unreachable: error instanceof Error ? error.message : String(error),
    };
  }
}
