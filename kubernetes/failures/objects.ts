import { z } from "zod";

/** What is read of the objects of a namespace. Lenient: an answer that lacks something says nothing of it. */

const words = z
  .string()
  .nullish()
  .transform((text) => text ?? "");
const count = z
  .number()
  .nullish()
  .transform((number) => number ?? 0);
const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((record) => record ?? {});
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const Metadata = z.object({
  name: z.string(),
  uid: words,
  labels: texts,
  annotations: texts,
  creationTimestamp: words,
  deletionTimestamp: words,
  generation: count,
  ownerReferences: list(z.object({ uid: words, kind: words, name: words })),
});

const Condition = z.object({ type: words, status: words, reason: words, message: words });

const Terminated = z.object({ exitCode: count, signal: count, reason: words, message: words });

const ContainerStatus = z.object({
  name: z.string(),
  image: words,
  ready: z.boolean().nullish(),
  started: z.boolean().nullish(),
  restartCount: count,
  state: z
    .object({
      waiting: z.object({ reason: words, message: words }).nullish(),
      running: z.object({}).nullish(),
      terminated: Terminated.nullish(),
    })
    .nullish(),
  lastState: z.object({ terminated: Terminated.nullish() }).nullish(),
});
export type ContainerStatus = z.output<typeof ContainerStatus>;

const Container = z.object({
  name: z.string(),
  image: words,
  resources: z.object({ limits: texts }).nullish(),
});

export const Pod = z.object({
  metadata: Metadata,
  spec: z.object({
    nodeName: words,
    containers: list(Container),
    initContainers: list(Container),
  }),
  status: z.object({
    phase: words,
    reason: words,
    message: words,
    conditions: list(Condition),
    containerStatuses: list(ContainerStatus),
    initContainerStatuses: list(ContainerStatus),
  }),
});
export type Pod = z.output<typeof Pod>;

/** A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, PersistentVolumeClaim or Service, whatever of this it has. */
export const Workload = z.object({
  metadata: Metadata,
  spec: z
    .object({
      replicas: z.number().nullish(),
      type: words,
      completions: z.number().nullish(),
      loadBalancerClass: words,
      loadBalancerIP: words,
    })
    .nullish()
    .transform(
      (spec) =>
        spec ?? { replicas: undefined, type: "", completions: undefined, loadBalancerClass: "", loadBalancerIP: "" },
    ),
  status: z
    .object({
      phase: words,
      observedGeneration: count,
      readyReplicas: count,
      updatedReplicas: count,
      desiredNumberScheduled: count,
      numberReady: count,
      updatedNumberScheduled: count,
      succeeded: count,
      conditions: list(Condition),
      loadBalancer: z.object({ ingress: list(z.object({ ip: words, hostname: words })) }).nullish(),
    })
    .nullish(),
});
export type Workload = z.output<typeof Workload>;

/** An Event of the core group. */
export const Event = z.object({
  involvedObject: z.object({ kind: words, name: words, uid: words, fieldPath: words }),
  type: words,
  reason: words,
  message: words,
  count,
  lastTimestamp: words,
  eventTime: words,
  metadata: z.object({ creationTimestamp: words }),
  series: z.object({ lastObservedTime: words }).nullish(),
});
export type Event = z.output<typeof Event>;

export const kinds = [
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "Job",
  "ReplicaSet",
  "PersistentVolumeClaim",
  "Service",
] as const;
export type Kind = (typeof kinds)[number];

/** What stands in a namespace, as an API server has it. */
export interface Observed {
  readonly namespace: string;
  readonly workloads: Readonly<Partial<Record<Kind, readonly Workload[]>>>;
  readonly pods: readonly Pod[];
  readonly events: readonly Event[];
  /** The last lines of containers, by pod and container: `<pod>/<container>`. */
  readonly logs: ReadonlyMap<string, string>;
}

/** Of what Helm release an object is, or of what Gateway, and so on. */
export type Belongs = (metadata: Workload["metadata"]) => boolean;

/** The objects of a Helm release: Helm writes its name on each of them but on those of hooks. */
export function ofRelease(name: string): Belongs {
  return ({ annotations }) =>
    annotations["meta.helm.sh/release-name"] === name || annotations["helm.sh/hook"] !== undefined;
}

/** The objects that a Gateway's controller has made for it. */
export function ofGateway(name: string): Belongs {
  return ({ labels }) => labels["gateway.networking.k8s.io/gateway-name"] === name;
}

/** A workload of this name, with its Service and its volumes, if these have the same. */
export function ofName(name: string): Belongs {
  return (metadata) => metadata.name === name;
}

/** When an event was last seen, in milliseconds since 1970. */
function seenAt(event: Event): number {
  const times = [
    event.lastTimestamp,
    event.series?.lastObservedTime ?? "",
    event.eventTime,
    event.metadata.creationTimestamp,
  ];
  return Math.max(...times.map((time) => Date.parse(time) || 0));
}

/** Warnings about an object of that UID, the last one first. */
export function warningsOf({ events }: Pick<Observed, "events">, uid: string): Event[] {
  return events
    .filter(({ type, involvedObject }) => type === "Warning" && involvedObject.uid === uid && uid !== "")
    .sort((left, right) => seenAt(right) - seenAt(left));
}
