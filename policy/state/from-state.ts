import { z } from "zod";
import type { Provider, Resource } from "./resource";
import { decode, isMap, type Properties } from "./value";

const State = z.object({
  resources: z
    .array(
      z.object({
        urn: z.string(),
        type: z.string(),
        delete: z.boolean().default(false),
        inputs: z.unknown().optional(),
        outputs: z.unknown().optional(),
        provider: z.string().default(""),
        aliases: z.array(z.string()).nullish(),
        dependencies: z.array(z.string()).default([]),
        // Go writes null for an empty list.
        propertyDependencies: z.record(z.string(), z.array(z.string()).nullable()).default({}),
        deletedWith: z.string().optional(),
        retainOnDelete: z.boolean().optional(),
      }),
    )
    .default([]),
});
type Entry = z.output<typeof State>["resources"][number];

/**
 * The resources of a state as `pulumi stack export` writes it, without those that only wait for their deletion.
 *
 * @param deployment The export's `deployment`.
 */
export function resourcesOfState(deployment: unknown): Resource[] {
  const { resources } = State.parse(deployment);
  const providers = new Map(
    resources.filter(({ type }) => type.startsWith("pulumi:providers:")).map((one) => [one.urn, providerOf(one)]),
  );
  return resources.filter((one) => !one.delete).map((one) => resourceOf(one, providers));
}

function resourceOf(entry: Entry, providers: ReadonlyMap<string, Provider>): Resource {
  const { urn, type, aliases, dependencies, propertyDependencies, deletedWith, retainOnDelete } = entry;
  const { value, secrets } = decode(entry.inputs ?? {});
  // `<urn>::<id>`
  const provider = providers.get(entry.provider.slice(0, entry.provider.lastIndexOf("::")));
  return {
    urn,
    type,
    name: nameOf(urn),
    inputs: properties(value),
    outputs: properties(decode(entry.outputs ?? {}).value),
    secrets,
    ...(provider && { provider }),
    aliases: aliases ?? [],
    dependencies,
    inputDependencies: Object.fromEntries(Object.entries(propertyDependencies).map(([key, urns]) => [key, urns ?? []])),
    ...(deletedWith !== undefined && { deletedWith }),
    ...(retainOnDelete !== undefined && { retainOnDelete }),
  };
}

function providerOf({ urn, inputs }: Entry): Provider {
  return { urn, name: nameOf(urn), inputs: properties(decode(inputs ?? {}).value) };
}

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function properties(value: ReturnType<typeof decode>["value"]): Properties {
  return isMap(value) ? value : {};
}
