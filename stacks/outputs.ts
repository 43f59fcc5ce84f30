import { z } from "zod";

/** Outputs of a stack by name. Secret ones are in the clear: whoever uses one marks the result as secret. */
export type StackOutputs = Readonly<Record<string, unknown>>;

const cluster = z.object({
  context: z.string().optional(),
  podSubnet: z.string().optional(),
  serviceSubnet: z.string().optional(),
  network: z.string(),
  trustDomain: z.string(),
});

/**
 * The outputs of a stack of this program, as `stackOutputs` of components/outputs makes them: whatever reads a stack's own outputs
 * uses this schema. Each is optional, since earlier versions had fewer, and a stack without clusters lacks some. The outputs of
 * other stacks are read by peer-outputs/, which trusts none of them.
 */
export const stackOutputsSchema = z.object({
  clusters: z.record(z.string(), cluster).optional(),
  eastWestAddresses: z
    .record(z.string(), z.object({ type: z.string(), value: z.string(), port: z.int().optional() }))
    .optional(),
  /** Certificates (PEM) by name, and the name of the one that signs. */
  roots: z.object({ trusted: z.record(z.string(), z.string()), signing: z.string() }).optional(),
  /** Every root that is trusted, PEM. */
  rootCertificate: z.string().optional(),
  links: z.array(z.object({ from: z.string(), to: z.string(), via: z.string().default("") })).optional(),
  missingPeers: z.array(z.string()).optional(),
  /** Names of the clusters of each peer stack, by its full name. */
  peers: z.record(z.string(), z.array(z.string())).optional(),
  mesh: z
    .object({
      distribution: z.enum(["solo", "community"]),
      version: z.string(),
      gatewayApi: z.string(),
      demo: z.boolean(),
    })
    .optional(),
  /** A Mermaid diagram. */
  topology: z.string().optional(),
});

/** The outputs that have the expected form. */
export type RecordedOutputs = z.output<typeof stackOutputsSchema>;

/** Reads output by output: one that does not have the expected form is left out, and the others are kept. */
export function recordedOutputs(outputs: StackOutputs): RecordedOutputs {
  const entries = Object.entries(stackOutputsSchema.shape).map(([key, schema]) => [
    key,
    schema.safeParse(outputs[key]).data,
  ]);
  return Object.fromEntries(entries) as RecordedOutputs;
}
