import { createHash } from "node:crypto";
import { z } from "zod";

/** The API group of the Gateway API's standard channel. Its definitions' names end in it. */
export const gatewayGroup = "gateway.networking.k8s.io";

/** Annotations that every definition of a release has. */
export const bundleAnnotation = `${gatewayGroup}/bundle-version`;
export const channelAnnotation = `${gatewayGroup}/channel`;

// No status: the release's files have an empty one, which must not be applied.
export const Definition = z.object({
  apiVersion: z.literal("apiextensions.k8s.io/v1"),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
  // The API server requires the parts named here; the rest is passed on as it is.
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string(), plural: z.string() }),
    scope: z.string(),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean(), storage: z.boolean() })),
  }),
});
/** A CustomResourceDefinition from a release of the Gateway API. */
export type Definition = z.infer<typeof Definition>;

/**
 * SHA-256 over the definitions, sorted by name and with sorted keys: comments and the order of a file don't count, everything that
 * reaches a cluster does.
 */
export function digestOf(definitions: readonly Definition[]): string {
  const ordered = definitions.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify(ordered.map(sorted)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, entry]) => [key, sorted(entry)]),
    );
  }
  return value;
}
