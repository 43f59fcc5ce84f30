import { isAbsolute, resolve } from "node:path";
import {
  completeConfig,
  type Config,
  encryptedPaths,
  isEncrypted,
  isUnseen,
  parseSettings,
  rehearsalConfig,
  type Settings,
  withPlaceholders,
} from "../settings";

/** The settings of a stack as its file has them. */
export interface StackFile {
  /** Keys without their namespace, with what the file's own definition of an environment gives. */
  readonly keys: StackKeys;
  /** The environments of Pulumi ESC that it imports: nobody but Pulumi can say what they give. */
  readonly environments: readonly string[];
}

/** A stack's `flatmesh:` keys as its YAML file gives them, without that prefix. */
export type StackKeys = Readonly<Record<string, unknown>>;

/** Settings that a rehearsal can run with. */
export interface RehearsedSettings {
  /** As Pulumi holds them, without the prefix. */
  readonly config: Config;
  readonly settings: Settings;
  /** Names of the clusters that exist already, without the rehearsal. */
  readonly existing: ReadonlySet<string>;
  /** What differs from the stack's file, one sentence each. */
  readonly changes: readonly string[];
}

/**
 * Turns a stack's settings into those of its rehearsal: only what this machine can't have is replaced.
 *
 * @param keys The stack's own keys.
 * @param folder What relative paths in them are relative to.
 * @param environments The environments of Pulumi ESC that give further settings, which nobody but Pulumi can see.
 * @throws SettingsError with all issues of the stack's settings.
 */
export function rehearsedSettings(
  keys: StackKeys,
  folder: string,
  environments: readonly string[] = [],
): RehearsedSettings {
  const secrets = readable({ keys, environments });
  const local = rehearsalConfig(secrets.config);
  const separate = withoutOtherStacks(parseSettings(local.config));
  const config = { ...local.config, ...separate.config, ...absolutePaths(local.config, folder) };
  return {
    config,
    settings: parseSettings(config),
    existing: existingIn(secrets.config),
    changes: [...secrets.changes, ...local.changes, ...separate.changes],
  };
}

/** Read once they are known to be valid. */
function existingIn({ clusters = "[]" }: Config): ReadonlySet<string> {
  const all = JSON.parse(clusters) as readonly { readonly name: string; readonly provisioner: string }[];
  return new Set(all.flatMap(({ name, provisioner }) => (provisioner === "existing" ? [name] : [])));
}

/**
 * A stack's settings as far as its file has them in the clear, for whoever makes nothing of them.
 *
 * @throws SettingsError with all issues of the stack's settings.
 */
export function readableSettings(file: StackFile): Pick<RehearsedSettings, "settings" | "changes"> {
  const secrets = readable(file);
  const complete = completeConfig(secrets.config);
  const secretPaths = Object.entries(file.keys).flatMap(([key, value]) =>
    encryptedPaths(value, value).map((path) => [key, ...path]),
  );
  return {
    settings: parseSettings(complete.config, { secretPaths }),
    changes: [...secrets.changes, ...complete.changes],
  };
}

function readable({ keys, environments }: StackFile): Change {
  const unopened =
    environments.length > 0
      ? [
          `what environment ${environments.join(", ")} gives can't be seen: only what the stack's file says itself counts`,
        ]
      : [];
  const { config, changes } = withoutHidden(environments.length > 0 ? withWholeRoot(keys) : keys);
  return { config, changes: [...unopened, ...changes] };
}

/** A change of the settings, with what to tell the engineer about it. */
interface Change {
  readonly config: Config;
  readonly changes: readonly string[];
}

/** What can't be read, and why: an encrypted value takes the stack's passphrase, one of an environment takes Pulumi ESC. */
const hidden = [
  { is: isEncrypted, adjective: "encrypted ", clause: "", reason: "it is encrypted" },
  { is: isUnseen, adjective: "", clause: " that the environment gives", reason: "the environment gives it" },
] as const;

/** Keys with texts in them that any other text can stand for. */
const holdsTexts = ["imagePullSecrets", "values"];

/** A rehearsal needs none of the values that can't be read. */
function withoutHidden(keys: StackKeys): Change {
  const changes: string[] = [];
  const readable = Object.entries(keys).flatMap(([key, value]): [string, unknown][] => {
    const kind = hidden.find((one) => holds(value, one.is));
    if (kind === undefined) {
      return [[key, value]];
    }
    if (key === "clusters" && Array.isArray(value)) {
      return [[key, value.map((cluster: unknown, index) => readableCluster(cluster, index, changes))]];
    }
    if (holdsTexts.includes(key)) {
      changes.push(`placeholders replace what of ${key} can't be read, since ${kind.reason}`);
      return [[key, withPlaceholders(value, kind.is, "rehearsal")]];
    }
    if (key === "license") {
      changes.push(`a placeholder replaces the ${kind.adjective}licence${kind.clause}`);
      return [[key, "rehearsal"]];
    }
    changes.push(`${key} is left out, since ${kind.reason}`);
    return [];
  });
  const config = readable.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return { config: Object.fromEntries(config) as Config, changes: [...new Set(changes)] };
}

/** A cluster without what can't be read of it. */
function readableCluster(cluster: unknown, index: number, changes: string[]): unknown {
  if (!isMap(cluster)) {
    return cluster;
  }
  const entries = Object.entries(cluster).flatMap(([key, value]): [string, unknown][] => {
    const kind = hidden.find((one) => holds(value, one.is));
    if (kind === undefined) {
      return [[key, value]];
    }
    if (holdsTexts.includes(key)) {
      changes.push(
        `placeholders replace what of clusters[${String(index)}].${key} can't be read, since ${kind.reason}`,
      );
      return [[key, withPlaceholders(value, kind.is, "rehearsal")]];
    }
    changes.push(
      key === "kubeconfig"
        ? `${kind.adjective}kubeconfigs${kind.clause} are left out`
        : `clusters[${String(index)}].${key} is left out, since ${kind.reason}`,
    );
    return key === "kubeconfig" && !("context" in cluster) ? [["context", "rehearsal"]] : [];
  });
  return Object.fromEntries(entries);
}

/** Pulumi puts a map of the stack's file over the same one of an environment: a certificate or key alone has its other half there. */
function withWholeRoot(keys: StackKeys): StackKeys {
  const { root, ...others } = keys;
  const half = isMap(root) && "certificate" in root !== "privateKey" in root;
  return half ? { ...others, root: { "fn::": "" } } : keys;
}

function holds(value: unknown, is: (value: unknown) => boolean): boolean {
  return (
    is(value) || (typeof value === "object" && value !== null && Object.values(value).some((one) => holds(one, is)))
  );
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
function absolutePaths({ charts, gatewayApi, manifests: objects }: Config, folder: string): Config {
  const path = (source: string): string =>
    isAbsolute(source) || /^[a-z]+:\/\//.test(source) ? source : resolve(folder, source);
  const { manifests, ...version } = JSON.parse(gatewayApi ?? "{}") as { readonly manifests?: string };
  return {
    ...(charts && { charts: path(charts) }),
    ...(objects && {
      manifests: JSON.stringify(
        (JSON.parse(objects) as readonly (string | { readonly path: string })[]).map((one) =>
          typeof one === "string" ? path(one) : { ...one, path: path(one.path) },
        ),
      ),
    }),
    ...(manifests && { gatewayApi: JSON.stringify({ ...version, manifests: path(manifests) }) }),
  };
}
