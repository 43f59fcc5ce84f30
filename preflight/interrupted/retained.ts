import { z } from "zod";
import { namespaceCleanupResource } from "../../components/mesh";
import { type ApiServer, isOfCreation, managedFieldsSchema, objectPath } from "../../kubernetes";
import { resourceKey, type StackState } from "../../stacks";

/** What the removal from an existing cluster leaves until the end, and a Command of the stack then deletes. */
export interface Retained {
  /** As `resourceKey` of stacks/ forms it. */
  readonly key: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  /** Keys of labels that the stack gives it. */
  readonly labels: readonly string[];
}

const commandType = namespaceCleanupResource.type;
const Cleanup = z.object({ environment: z.object({ NAMESPACE: z.string(), LABELS: z.string() }) });
const Remains = z.object({ environment: z.object({ DEFINITIONS: z.string() }) });

/**
 * Namespaces and definitions of a cluster that are the stack's by the Commands that delete them, and that the state does not have: a
 * removal has got to these Commands, and was interrupted before they were done. The first update has not got further, perhaps.
 */
export function retainedIn(state: StackState, namePrefix: string): readonly Retained[] {
  const definitions = Remains.safeParse(state.get(resourceKey(commandType, `${namePrefix}-remains`))).data;
  const start = resourceKey(commandType, `${namePrefix}-`);
  const namespaces = [...state].flatMap(([key, outputs]): Retained[] => {
    const cleanup = key.startsWith(start) ? Cleanup.safeParse(outputs).data?.environment : undefined;
    if (cleanup === undefined || !key.endsWith(namespaceCleanupResource.suffix)) {
      return [];
    }
    const resource = key.slice(resourceKey(commandType, "").length, -namespaceCleanupResource.suffix.length);
    const { NAMESPACE: name, LABELS: labels } = cleanup;
    const object = {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
      labels: labels.split(" ").filter(Boolean),
    };
    return [{ key: resourceKey("kubernetes:core/v1:Namespace", resource), ...object }];
  });
  const defined = (definitions?.environment.DEFINITIONS ?? "")
    .split(" ")
    .filter(Boolean)
    .map((name): Retained => {
      const key = resourceKey("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", `${namePrefix}-${name}`);
      const object = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name } };
      return { key, ...object, labels: [] };
    });
  return [...namespaces, ...defined].filter(({ key }) => !state.has(key));
}

const Live = z.object({
  metadata: z.object({
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    managedFields: managedFieldsSchema,
  }),
});

/**
 * Whether one of them is still there, as Pulumi's provider has made it.
 *
 * @throws Unreachable, Forbidden
 */
export async function isThere(server: ApiServer, retained: Retained): Promise<boolean> {
  const path = await objectPath(server, retained);
  const live = path && Live.safeParse(await server.get(path)).data?.metadata;
  if (!live || live.deletionTimestamp !== undefined) {
    return false;
  }
  return live.managedFields.some(isOfCreation) && retained.labels.every((label) => label in live.labels);
}
