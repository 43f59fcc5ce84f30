import { parse } from "yaml";
import { z } from "zod";
import { type Component, type Kubectl, type OtherPods, sparing, subnetsOf } from "./masquerader";
import type { Daemon, Masquerading } from "./reading";

/** Where nothing else is set ("IP Masquerade Agent User Guide" of Kubernetes' documentation). */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/** What its option --nomasq-all-reserved-ranges adds, as GKE has it, and Cilium's agent always (ip-masq-agent.go of kubernetes-sigs). */
export const reservedRanges = [
  ...privateRanges,
  ...["100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24"],
  ...["203.0.113.0/24", "240.0.0.0/4"],
];

const Config = z.looseObject({
  nonMasqueradeCIDRs: z.array(z.string().nullable()).nullish(),
});
type Config = z.output<typeof Config>;

/** A file of the agent's: a key of a ConfigMap, YAML or JSON. */
export interface AgentFile {
  readonly namespace: string;
  readonly configMap: string;
  readonly key: string;
  /** Undefined where the ConfigMap, or the key in it, is not there. */
  readonly config: Config | undefined;
}

/**
 * kubernetes-sigs/ip-masq-agent, as GKE and others have it, and AKS's, which merges several files: what is in none of their
 * `nonMasqueradeCIDRs` is masqueraded.
 */
export const agent: Component = (found) =>
  found.daemons
    .filter(({ name }) => /^(?:azure-)?ip-masq-agent$/.test(name))
    .flatMap((daemon) => {
      const files = filesOf(daemon, found);
      if (files === undefined) {
        return [];
      }
      const there = files.filter(({ config }) => config !== undefined);
      const standard = daemon.args.some((one) => /^--?nomasq-all-reserved-ranges(?:=(?:true|1|t))?$/i.test(one))
        ? reservedRanges
        : privateRanges;
      const own = spared(there, standard, daemon.name.startsWith("azure-"));
      // What a cloud writes anew is no place for a setting.
      const target = files.findLast(({ configMap }) => !configMap.endsWith("-reconciled")) ?? files[0];
      return target === undefined
        ? []
        : [
            {
              what: `${daemon.name} (DaemonSet ${daemon.namespace}/${daemon.name})`,
              why: listed(there, own),
              spares: sparing(own),
              remedy: (missing, kubectl) =>
                `Let it spare them: ${addTo(target, standard, missing, kubectl)}. The agent reads it anew within two minutes.`,
            },
          ];
    });

/** Which ranges the agent spares by its setting. */
export function listed(there: readonly AgentFile[], own: readonly string[]): string {
  const names = [...new Set(there.map(({ namespace, configMap }) => `${namespace}/${configMap}`))];
  const list = own.join(", ") || "nothing";
  return names.length === 0
    ? `no ConfigMap sets its nonMasqueradeCIDRs, and it spares ${list}`
    : `ConfigMap ${names.join(", ")} has nonMasqueradeCIDRs: ${list}`;
}

/** The command that adds subnets to a file, and keeps what else is in it. */
export function addTo(
  { namespace, configMap, key, config }: AgentFile,
  standard: readonly string[],
  missing: readonly OtherPods[],
  kubectl: Kubectl,
): string {
  const before = config?.nonMasqueradeCIDRs === undefined ? standard : cidrs(config);
  const text = JSON.stringify({ ...config, nonMasqueradeCIDRs: [...new Set([...before, ...subnetsOf(missing)])] });
  return config === undefined
    ? kubectl("create", "configmap", configMap, "-n", namespace, `--from-literal=${key}=${text}`)
    : kubectl(
        ...["patch", "configmap", configMap, "-n", namespace, "--type=merge"],
        `--patch=${JSON.stringify({ data: { [key]: text } })}`,
      );
}

/** The files that an agent reads; undefined where one of them can't be understood: it goes on with what it had before. */
function filesOf({ namespace, configMaps }: Daemon, found: Masquerading): AgentFile[] | undefined {
  const mounted = configMaps.length > 0 ? configMaps : [{ name: "ip-masq-agent", keys: ["config"] }];
  const files = mounted.flatMap(({ name, keys }) => {
    const data = found.configMaps.get(`${namespace}/${name}`);
    const all = keys.length > 0 ? keys : Object.keys(data ?? {}).filter((key) => key.startsWith("ip-masq"));
    return (all.length > 0 ? all : ["ip-masq-agent"]).map((key) => fileOf(namespace, name, key, data));
  });
  return files.some((file) => file === undefined) ? undefined : files.flatMap((file) => file ?? []);
}

/** Undefined where it can't be understood. */
export function fileOf(
  namespace: string,
  configMap: string,
  key: string,
  data: Readonly<Record<string, string>> | undefined,
): AgentFile | undefined {
  const text = data?.[key];
  if (text === undefined) {
    return { namespace, configMap, key, config: undefined };
  }
  try {
    return { namespace, configMap, key, config: Config.parse(parse(text) ?? {}) };
  } catch {
    return undefined;
  }
}

/** AKS's agent adds up its files; the other one has its standard where the file does not name any. */
function spared(there: readonly AgentFile[], standard: readonly string[], merges: boolean): readonly string[] {
  if (there.length === 0) {
    return standard;
  }
  const lists = there.flatMap(({ config }) =>
    config?.nonMasqueradeCIDRs === undefined ? (merges ? [] : standard) : cidrs(config),
  );
  return [...new Set(lists)];
}

function cidrs({ nonMasqueradeCIDRs }: Config): string[] {
  return (nonMasqueradeCIDRs ?? []).flatMap((one) => one ?? []);
}
