import { z } from "zod";
import { inTheClear, keyOfUrn } from "./state";

/** A resource that an update was creating when it was killed: it may have been made, and no state has it. */
export interface PendingCreate {
  /** As `resourceKey` of state.ts forms it. */
  readonly key: string;
  /** Pulumi's type. */
  readonly type: string;
  /** Pulumi name of the provider that it is made with; absent for a component. */
  readonly provider?: string;
  /** Secrets in the clear. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

const Exported = z.object({
  deployment: z
    .object({
      resources: z
        .array(z.object({ urn: z.string(), type: z.string(), pendingReplacement: z.boolean().default(false) }))
        .nullish(),
      pending_operations: z
        .array(
          z.object({
            type: z.string(),
            resource: z.object({
              urn: z.string(),
              type: z.string(),
              provider: z.string().optional(),
              inputs: z.record(z.string(), z.unknown()).default({}),
            }),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

/**
 * What killed updates were creating, from what `pulumi stack export` prints. Pulumi keeps these through later updates, also once the
 * resource has been created: what the state has is not pending, whatever is said here.
 */
export function pendingCreates(exported: unknown): PendingCreate[] {
  const operations = Exported.safeParse(exported).data?.deployment?.pending_operations ?? [];
  return operations.flatMap(({ type: operation, resource: { urn, type, provider, inputs } }) => {
    if (operation !== "creating") {
      return [];
    }
    // A reference to a provider is its URN and its ID.
    const name = provider?.split("::").slice(3, -1).join("::");
    const plain = inTheClear(inputs) as Readonly<Record<string, unknown>>;
    return [{ key: keyOfUrn(type, urn), type, ...(name !== undefined && { provider: name }), inputs: plain }];
  });
}

/**
 * The keys of resources that an update has deleted, and was about to create anew when it was killed. The state still has them, as
 * they were before.
 */
export function pendingReplacements(exported: unknown): ReadonlySet<string> {
  const resources = Exported.safeParse(exported).data?.deployment?.resources ?? [];
  return new Set(
    resources.flatMap(({ urn, type, pendingReplacement }) => (pendingReplacement ? [keyOfUrn(type, urn)] : [])),
  );
}
