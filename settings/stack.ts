import * as pulumi from "@pulumi/pulumi";
import { parseSettings } from "./parse";
import type { Settings } from "./settings";

const namespace = "flatmesh:";

/**
 * Settings of the stack that the program runs for, from its configuration.
 *
 * @throws SettingsError with every fault that there is.
 */
export function stackSettings(): Settings {
  return parseSettings(ofNamespace(pulumi.runtime.allConfig()), {
    stack: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
  });
}

/** The `flatmesh:` keys of a whole configuration, without that prefix. */
export function ofNamespace<Value>(config: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(namespace))
      .map(([key, text]) => [key.slice(namespace.length), text]),
  );
}
