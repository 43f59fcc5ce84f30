import { z } from "zod";
import type { ApiServer } from "./api-server";
import { namespaceName, objectName } from "./object-name";

const Nodes = z.object({
  items: z
    .array(
      z.object({
        metadata: z.object({ name: z.string() }),
        status: z.object({ nodeInfo: z.object({ kubeletVersion: z.string().default("") }).optional() }).default({}),
      }),
    )
    .nullish(),
});
const Container = z.object({ name: z.string() });
const Pods = z.array(
  z.object({
    metadata: z.object({
      name: objectName,
      namespace: namespaceName,
      labels: z.record(z.string(), z.string()).default({}),
      deletionTimestamp: z.string().optional(),
    }),
    spec: z.object({
      nodeName: z.string().default(""),
      containers: z.array(Container).default([]),
      initContainers: z.array(Container).default([]),
    }),
    status: z.object({ phase: z.string().default(""), startTime: z.string().optional() }).default({ phase: "" }),
  }),
);
/** A pod, with what matters of it. */
export type Pod = z.output<typeof Pods>[number];
/** Pods on nodes that have a kubelet: those of a kwok cluster do not really run. */
export async function runningPods(server: ApiServer): Promise<Pod[]> {
  const nodes = Nodes.parse((await server.get("/api/v1/nodes")) ?? {}).items ?? [];
  const real = new Set(
    nodes.flatMap(({ metadata, status }) =>
      /^v?\d/.test(status.nodeInfo?.kubeletVersion ?? "") ? [metadata.name] : [],
    ),
  );
  const pods = real.size === 0 ? [] : Pods.parse((await server.items("/api/v1/pods")) ?? []);
  return pods.filter(
    ({ metadata, spec, status }) =>
      real.has(spec.nodeName) &&
      metadata.deletionTimestamp === undefined &&
      !["Succeeded", "Failed"].includes(status.phase),
  );
}
