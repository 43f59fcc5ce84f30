import * as pulumi from "@pulumi/pulumi";
import { warn } from "./log";
import { parseSettings } from "./parse";
import type { Settings } from "./settings";

/** The namespace that settings have in every document, whatever a project is called. */
const namespace = "flatmesh";

/**
 * Settings of the stack that the program runs for, from its configuration.
 *
 * @throws SettingsError with every fault that there is.
 */
export function stackSettings(): Settings {
  const [config, project] = [pulumi.runtime.allConfig(), pulumi.getProject()];
  const settings = parseSettings(ofNamespace(config, project), {
    stack: `${pulumi.getOrganization()}/${project}/${pulumi.getStack()}`,
  });
  for (const key of secretKeys(settings)) {
    const own = `${namespace}:${key}`;
    const used = own in config ? own : `${project}:${key}`;
    if (!isEncrypted(used)) {
      warn(
        `${used} holds a secret that is not encrypted: anyone who reads the stack's file has it. Set it with ` +
          "`pulumi config set --secret` (add --path for a part of a list or map).",
      );
    }
  }
  return settings;
}

/** The SDK's own test, which its declarations leave out; without it nothing can be said. */
function isEncrypted(key: string): boolean {
  const { isConfigSecret } = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  return isConfigSecret?.(key) ?? true;
}

/** The keys whose values hold a secret. */
function secretKeys({ license, root, clusters }: Settings): string[] {
  return [
    ...(license !== undefined && "value" in license ? ["license"] : []),
    ...(root.source === "given" ? ["root"] : []),
    ...(clusters.some((cluster) => "kubeconfig" in cluster) ? ["clusters"] : []),
  ];
}

/**
 * The settings in a whole configuration, by their keys without a namespace.
 *
 * A project that `pulumi new` has made may have another name than this one's. Pulumi then takes a key without a namespace, which
 * is how Pulumi.yaml declares them, for one of that name. Such keys count too, but a `flatmesh:` key has the last word: the
 * other one may be no more than a declared default.
 *
 * @param project Name of the Pulumi project.
 */
export function ofNamespace<Value>(
  config: Readonly<Record<string, Value>>,
  project = namespace,
): Readonly<Record<string, Value>> {
  const settings = Object.entries(config).map(([key, value]) => {
    const [prefix = "", ...rest] = key.includes(":") ? key.split(":") : [project, key];
    return { prefix, key: rest.join(":"), value };
  });
  return Object.fromEntries(
    [project, namespace].flatMap((wanted) =>
      settings.filter(({ prefix }) => prefix === wanted).map(({ key, value }) => [key, value] as const),
    ),
  );
}
