import * as pulumi from "@pulumi/pulumi";
import { warn } from "./log";
import { parseSettings } from "./parse";
import type { Settings } from "./settings";

const namespace = "flatmesh:";

/**
 * Settings of the stack that the program runs for, from its configuration.
 *
 * @throws SettingsError with every fault that there is.
 */
export function stackSettings(): Settings {
  const settings = parseSettings(ofNamespace(pulumi.runtime.allConfig()), {
    stack: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
  });
  for (const key of secretKeys(settings)) {
    if (!isEncrypted(`${namespace}${key}`)) {
      warn(
        `${namespace}${key} holds a secret that is not encrypted: anyone who reads the stack's file has it. Set it with ` +
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

/** The `flatmesh:` keys of a whole configuration, without that prefix. */
export function ofNamespace<Value>(config: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(namespace))
      .map(([key, text]) => [key.slice(namespace.length), text]),
  );
}
