import { defaultVersion, firstKeyless, minorOf } from "./distribution";
import { type Config, type ParseOptions, parseSettings } from "./parse";
import type { ClusterSettings } from "./settings";
import { fitsMadeCluster, subnetKinds } from "./subnets";

/** A stack's settings as they are rehearsed. */
export interface Rehearsal {
  /** As {@link parseSettings} takes it. */
  readonly config: Config;
  /** What is not as the stack has it, a sentence each; no secret in any. */
  readonly changes: readonly string[];
}

/**
 * Changes of a stack's settings what a rehearsal can't have, and nothing else: every cluster becomes a kwok cluster of the
 * same name, subnets, nodes and platform, and placeholders stand for a missing licence and repo key.
 *
 * @throws SettingsError with every fault of the settings as they are, a missing licence or repo key excepted.
 */
export function rehearsalConfig(config: Config, options?: ParseOptions): Rehearsal {
  const changes: string[] = [];
  const complete = withPlaceholders(config, changes);
  const clusters = parseSettings(complete, options).clusters.map((cluster) => hollow(cluster, changes));
  // What is for kind clusters only would be refused without one; and the engineer's kubeconfig is none of a rehearsal's business.
  const kindOnly = { loadBalancer: "", preloadImages: "", contexts: "" };
  return { config: { ...complete, ...kindOnly, clusters: JSON.stringify(clusters) }, changes };
}

function withPlaceholders(config: Config, changes: string[]): Config {
  if ((config["distribution"] ?? "") === "community") {
    return config;
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
  return complete;
}

/** A kwok cluster in place of any other, as a stack would give it. */
function hollow(cluster: ClusterSettings, changes: string[]): object {
  const { name, platform, region, zone, nodePort, podSubnet, serviceSubnet } = cluster;
  const { controlPlanes, workers } = cluster.provisioner === "existing" ? {} : cluster;
  if (cluster.provisioner !== "kwok") {
    changes.push(`${name} is a kwok cluster instead of ${aOrAn[cluster.provisioner]} one`);
  }
  const given = { podSubnet, serviceSubnet };
  const odd = subnetKinds.filter((kind) => !fitsMadeCluster(kind, given[kind]));
  changes.push(
    ...odd.map((kind) => `${name} has a planned ${kind}: its own is of a size that no kwok cluster can have`),
  );
  return {
    name,
    provisioner: "kwok",
    platform,
    region,
    zone,
    nodePort,
    controlPlanes,
    workers,
    ...given,
    ...Object.fromEntries(odd.map((kind) => [kind, undefined])),
  };
}

const aOrAn = { kind: "a kind", existing: "an existing" } as const;
