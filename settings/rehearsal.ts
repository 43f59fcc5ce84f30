import { chartSettingsOf } from "./chart-settings";
import { defaultVersion, firstKeyless, minorOf } from "./distribution";
import { inCluster } from "./formats";
import { type Config, type ParseOptions, parseSettings } from "./parse";
import type { ClusterSettings } from "./settings";
import { fitsMadeCluster, subnetKinds } from "./subnets";

/** A stack's settings for a rehearsal. */
export interface Rehearsal {
  /** As {@link parseSettings} takes it. */
  readonly config: Config;
  /** How they differ from the stack's own, a sentence each; none contains a secret. */
  readonly changes: readonly string[];
}

/**
 * Changes only those of a stack's settings that a rehearsal can't have: every cluster becomes a kwok cluster of the
 * same name, subnets, nodes and platform, and placeholders stand for a missing licence and repo key.
 *
 * @throws SettingsError with everything that is wrong with the stack's own settings, except for a missing licence or repo key.
 */
export function rehearsalConfig(config: Config, options?: ParseOptions): Rehearsal {
  const { config: given, changes: placeholders } = completeConfig(config);
  const changes = [...placeholders];
  const complete = withOwnLogin(given, changes);
  const clusters = parseSettings(complete, options).clusters.map((cluster) => hollow(cluster, changes));
  // Settings for kind clusters are refused without one, and a rehearsal leaves the engineer's kubeconfig alone.
  const kindOnly = { loadBalancer: "", preloadImages: "[]", contexts: "false" };
  return { config: { ...complete, ...kindOnly, clusters: JSON.stringify(clusters) }, changes };
}

/** Settings with placeholders for a missing licence and repo key, which most readers of settings need not have. */
export function completeConfig(config: Config): Rehearsal {
  const changes: string[] = [];
  if ((config["distribution"] ?? "") === "community") {
    return { config, changes };
  }
  const given = (key: string) => !["", "{}"].includes(config[key] ?? "");
  const complete: Record<string, string> = { ...config };
  if (!given("license") && !given("licenseSecretRef")) {
    complete["license"] = "rehearsal";
    changes.push("a placeholder stands for the missing licence");
  }
  const version = given("istioVersion") ? (config["istioVersion"] ?? "") : defaultVersion.solo;
  if (minorOf(version) < firstKeyless && !given("repoKey") && !(given("charts") && given("images"))) {
    complete["repoKey"] = "000000000000";
    changes.push("a placeholder stands for the missing repo key");
  }
  return { config: complete, changes };
}

/** Whoever rehearses a pull request need not be the one whose credentials its settings have. */
function withOwnLogin(config: Config, changes: string[]): Config {
  const { chartRegistry = "", ...others } = config;
  if (chartRegistry === "" || chartRegistry === "{}") {
    return config;
  }
  changes.push("chartRegistry is left out: charts are pulled with your own login to their registry");
  return others;
}

/** A kwok cluster in place of any other, as a stack would give it. */
function hollow(cluster: ClusterSettings, changes: string[]): object {
  const { name, platform, region, zone, nodePort, eastWestGateway } = cluster;
  const { controlPlanes, workers } = cluster.provisioner === "existing" ? {} : cluster;
  if (cluster.provisioner !== "kwok") {
    changes.push(`${name} is a kwok cluster instead of ${aOrAn[cluster.provisioner]} one${elsewhere(cluster)}`);
  }
  const subnets = subnetKinds.map((kind) => {
    const fits = fitsMadeCluster(kind, cluster[kind]);
    if (!fits) {
      changes.push(`${name} has a planned ${kind}: its own has a size that no kwok cluster can have`);
    }
    return [kind, fits ? cluster[kind] : undefined] as const;
  });
  return {
    name,
    provisioner: "kwok",
    platform,
    region,
    zone,
    nodePort,
    eastWestGateway,
    ...chartSettingsOf(cluster),
    controlPlanes,
    workers,
    ...Object.fromEntries(subnets),
  };
}

/** Where another cluster's kubeconfig would come from. */
function elsewhere(cluster: ClusterSettings): string {
  const source = cluster.provisioner === "existing" ? cluster.kubeconfig : undefined;
  if (source === inCluster) {
    return ", that of the pod which runs Pulumi";
  }
  return typeof source === "object" ? `, whose kubeconfig is output ${source.output} of stack ${source.stack}` : "";
}

const aOrAn = { kind: "a kind", existing: "an existing" } as const;
