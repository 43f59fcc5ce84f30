import { isAbsolute, resolve } from "node:path";
import { type Config, parseSettings, rehearsalConfig, type Settings } from "../settings";

/** A stack's `flatmesh:` keys as its YAML file gives them, without that prefix. */
export type StackKeys = Readonly<Record<string, unknown>>;

/** Settings that a rehearsal can run with. */
export interface RehearsedSettings {
  /** As Pulumi holds them, without the prefix. */
  readonly config: Config;
  readonly settings: Settings;
  /** What differs from the stack's file, one sentence each. */
  readonly changes: readonly string[];
}

/**
 * Turns a stack's settings into those of its rehearsal: only what this machine can't have is replaced.
 *
 * @param keys The stack's own keys.
 * @param folder What relative paths in them are relative to.
 * @throws SettingsError with all issues of the stack's settings.
 */
export function rehearsedSettings(keys: StackKeys, folder: string): RehearsedSettings {
  const secrets = withoutSecrets(keys);
  const local = rehearsalConfig(secrets.config);
  const separate = withoutOtherStacks(parseSettings(local.config));
  const config = { ...local.config, ...separate.config, ...absolutePaths(local.config, folder) };
  return {
    config,
    settings: parseSettings(config),
    changes: [...secrets.changes, ...local.changes, ...separate.changes],
  };
}

/** A change of the settings, with what to tell the engineer about it. */
interface Change {
  readonly config: Config;
  readonly changes: readonly string[];
}

/** Encrypted values can't be read without the stack's passphrase, and a rehearsal needs none of them. */
function withoutSecrets(keys: StackKeys): Change {
  const changes: string[] = [];
  const readable = Object.entries(keys).flatMap(([key, value]): [string, unknown][] => {
    if (!holdsEncrypted(value)) {
      return [[key, value]];
    }
    if (key === "clusters" && Array.isArray(value)) {
      changes.push("encrypted kubeconfigs are left out");
      return [[key, value.map(withoutKubeconfig)]];
    }
    if (key === "license") {
      changes.push("a placeholder replaces the encrypted licence");
      return [[key, "rehearsal"]];
    }
    changes.push(`${key} is left out, since it is encrypted`);
    return [];
  });
  const config = readable.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return { config: Object.fromEntries(config) as Config, changes };
}

function withoutKubeconfig(cluster: unknown): unknown {
  return isMap(cluster) && isEncrypted(cluster["kubeconfig"])
    ? { context: "rehearsal", ...cluster, kubeconfig: undefined }
    : cluster;
}

function holdsEncrypted(value: unknown): boolean {
  return (
    isEncrypted(value) || (typeof value === "object" && value !== null && Object.values(value).some(holdsEncrypted))
  );
}

/** `secure: …`, as Pulumi writes an encrypted value into a stack's file. */
function isEncrypted(value: unknown): boolean {
  return isMap(value) && typeof value["secure"] === "string";
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutOtherStacks({ peerStacks, root }: Settings): Change {
  const peers = peerStacks.length > 0;
  const borrowed = root.source === "stack" || root.source === "existing";
  return {
    config: {
      // Each rehearsal has a state of its own, whose organization Pulumi calls so.
      ...(peers && { peerStacks: JSON.stringify(peerStacks.map((stack) => stack.replace(/^[^/]+/, "organization"))) }),
      ...(peers && { requirePeers: "false" }),
      ...(borrowed && { root: JSON.stringify({ generate: {} }) }),
    },
    changes: [
      ...(peers
        ? [`${peerStacks.join(", ")} ${peerStacks.length > 1 ? "count as missing peers" : "counts as a missing peer"}`]
        : []),
      ...(borrowed
        ? [
            `a root of its own replaces ${root.source === "stack" ? `that of stack ${root.stack}` : "cacerts that someone else keeps"}`,
          ]
        : []),
    ],
  };
}

/** The engine runs in another folder than that of the stack's file. */
function absolutePaths({ charts, gatewayApi }: Config, folder: string): Config {
  const path = (source: string): string =>
    isAbsolute(source) || /^[a-z]+:\/\//.test(source) ? source : resolve(folder, source);
  const { manifests, ...version } = JSON.parse(gatewayApi ?? "{}") as { readonly manifests?: string };
  return {
    ...(charts && { charts: path(charts) }),
    ...(manifests && { gatewayApi: JSON.stringify({ ...version, manifests: path(manifests) }) }),
  };
}
