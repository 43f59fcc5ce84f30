import type { Definition } from "../../components/mesh";
import type { ValidateArgs } from "./validate";
import { gatewayGroup } from "./inventory";
import { ownsResource } from "./desired-objects";

/** Definitions of a release of the Gateway API. */
export type Definitions = readonly Definition[];

/** What the mesh needs; the other definitions are for users' routes. */
const needed = ["gateways", "gatewayclasses"].map((name) => `${name}.${gatewayGroup}`);

/** What follows from the Gateway API that a cluster has. */
export interface GatewayApiValidation {
  /** Names of the definitions that the stack leaves alone, whether they exist or not. */
  readonly others: readonly string[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Definitions that the stack did not install stay as they are, and so do those that someone has upgraded past the stack's release.
 * If the needed ones are among them, the stack leaves the whole Gateway API alone: nobody wants definitions of two releases side by
 * side, and some platforms forbid it.
 */
export function validateDefinitions({
  namePrefix,
  definitions,
  inventory,
  state,
  settings,
}: ValidateArgs): GatewayApiValidation {
  const { version } = settings.gatewayApi;
  const type = "apiextensions.k8s.io/v1:CustomResourceDefinition";
  const others = definitions.flatMap(({ metadata: { name } }) => {
    const fact = inventory.definitions.get(name);
    return fact && (!ownsResource(state, type, namePrefix, name) || isOlder(version, fact.bundle))
      ? [{ name, ...fact }]
      : [];
  });
  const names = others.map(({ name }) => name);
  const keptByOthers = needed.every((name) => names.includes(name));
  const missing = definitions.flatMap(({ metadata: { name } }) => (inventory.definitions.has(name) ? [] : [name]));
  const essential = others.filter(({ name }) => needed.includes(name));
  const older = essential.find(({ bundle, servesV1 }) => servesV1 && isOlder(bundle, version));
  return {
    others: keptByOthers ? [...names, ...missing] : names,
    problems: essential
      .filter(({ servesV1 }) => !servesV1)
      .map(
        ({ name, bundle = "of unknown release" }) =>
          `its definition ${name} (Gateway API ${bundle}), which this stack did not install, does not serve version v1, which ` +
          `the mesh needs. Have whoever manages it upgrade it to ${version}.`,
      ),
    warnings:
      older === undefined
        ? []
        : [
            `it has the Gateway API ${older.bundle ?? ""}, which this stack did not install. It stays as it is: this stack's ` +
              `${version} is not installed over it.`,
          ],
  };
}

/** Whether a release, such as `v1.2.0`, comes before another; false if one of them is not known. */
function isOlder(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [numbers(one), numbers(other)];
  if (a === undefined || b === undefined) {
    return false;
  }
  const different = a.findIndex((number, index) => number !== b[index]);
  return different >= 0 && (a[different] ?? 0) < (b[different] ?? 0);
}

function numbers(version = ""): readonly number[] | undefined {
  return /^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
}
