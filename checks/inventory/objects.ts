/** Kubernetes objects, as far as checks read them. Go writes null for an empty list or map, or leaves it out. */
import { z } from "zod";
import { dataKey, namespaceName, objectName } from "../../kubernetes";
import type { Cluster } from "./cluster";

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});

const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

export const Metadata = z.object({
  name: objectName,
  namespace: namespaceName.default(""),
  uid: z.string().default(""),
  labels: texts,
  annotations: texts,
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  managedFields: listOf(z.object({ manager: z.string().default(""), time: z.string().optional() })),
});

export const Condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
});
const conditions = listOf(Condition);

export const Named = z.object({ metadata: Metadata });

export const Namespace = Named;

export const ConfigMap = z.object({ metadata: Metadata, data: texts });

const keyed = z
  .record(dataKey, z.string())
  .nullish()
  .transform((map) => map ?? {});

export const Secret = z
  .object({ metadata: Metadata, type: z.string().default(""), data: keyed })
  .transform(({ data, ...rest }) => ({ ...rest, files: decoded(data) }));
export type Secret = z.output<typeof Secret>;

export const secretFiles = Secret.transform(({ files }) => files);

function decoded(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(data).map(([key, base64]) => [key, Buffer.from(base64, "base64").toString("utf8")]),
  );
}

/** Environment of a container: the value by name, undefined where it comes from elsewhere. */
const Container = z
  .object({
    name: z.string(),
    image: z.string().default(""),
    env: listOf(
      z.object({
        name: z.string(),
        value: z.string().optional(),
        valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }).optional() }).nullish(),
      }),
    ),
  })
  .transform(({ env, ...container }) => ({
    ...container,
    env: new Map(env.map(({ name, value, valueFrom }) => [name, { value, secret: valueFrom?.secretKeyRef }])),
  }));

const PodSpec = z.object({
  nodeName: z.string().default(""),
  hostNetwork: z.boolean().default(false),
  serviceAccountName: objectName.default("default"),
  containers: listOf(Container),
  initContainers: listOf(Container),
});

export const Pod = z
  .object({
    metadata: Metadata,
    spec: PodSpec,
    status: z
      .object({
        phase: z.string().default(""),
        podIP: z.string().optional(),
        podIPs: listOf(z.object({ ip: z.string() })),
        conditions,
        containerStatuses: listOf(
          z.object({
            name: z.string(),
            ready: z.boolean().default(false),
            restartCount: z.number().default(0),
            image: z.string().default(""),
            imageID: z.string().default(""),
            state: z.object({ waiting: z.object({ reason: z.string().default("") }).nullish() }).nullish(),
          }),
        ),
      })
      .default({ phase: "", podIPs: [], conditions: [], containerStatuses: [] }),
  })
  .transform((pod) => ({
    ...pod,
    path: `${pod.metadata.namespace}/${pod.metadata.name}`,
    ready: pod.status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
  }));
export type Pod = z.output<typeof Pod>;

const workload = z
  .object({
    metadata: Metadata,
    spec: z.object({
      replicas: z.number().optional(),
      selector: z.object({ matchLabels: texts }).default({ matchLabels: {} }),
      template: z.object({
        metadata: z.object({ labels: texts, annotations: texts }).default({ labels: {}, annotations: {} }),
        spec: PodSpec,
      }),
    }),
    status: z
      .object({
        readyReplicas: z.number().default(0),
        desiredNumberScheduled: z.number().default(0),
        numberReady: z.number().default(0),
      })
      .default({ readyReplicas: 0, desiredNumberScheduled: 0, numberReady: 0 }),
  })
  .transform((one) => ({
    ...one,
    path: `${one.metadata.namespace}/${one.metadata.name}`,
    containers: one.spec.template.spec.containers,
  }));

export const Deployment = workload;
export type Deployment = z.output<typeof Deployment>;
export const DaemonSet = workload;
export type DaemonSet = z.output<typeof DaemonSet>;

/** The variable of a container of a workload, undefined where none has it with a value. */
export function variable({ containers }: Deployment, name: string): string | undefined {
  return containers.map(({ env }) => env.get(name)?.value).find((value) => value !== undefined);
}

/** As nodes report it: it is used in commands. */
const subnet = z.string().regex(/^[0-9A-Fa-f:.]{2,39}\/\d{1,3}$/);

export const Node = z
  .object({
    metadata: Metadata,
    spec: z.object({ podCIDRs: listOf(subnet), providerID: z.string().default("") }),
    status: z
      .object({
        conditions,
        addresses: listOf(z.object({ type: z.string(), address: z.string().regex(/^[\w.:-]{0,253}$/) })),
        nodeInfo: z.object({ kubeletVersion: z.string().default("") }).default({ kubeletVersion: "" }),
      })
      .default({ conditions: [], addresses: [], nodeInfo: { kubeletVersion: "" } }),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    podSubnets: spec.podCIDRs,
    providerId: spec.providerID,
    addresses: status.addresses,
    ready: status.conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    // kwok gives its nodes a version of its own, such as `kwok-v0.8.0`.
    hollow: !/^v?\d/.test(status.nodeInfo.kubeletVersion),
  }));
export type Node = z.output<typeof Node>;

export function nodes(cluster: Cluster): Promise<Node[]> {
  return cluster.list("/api/v1/nodes", Node);
}

export const Gateway = z
  .object({
    metadata: Metadata,
    spec: z.object({
      gatewayClassName: z.string(),
      addresses: listOf(z.object({ type: z.string().default("IPAddress"), value: z.string() })),
      listeners: listOf(
        z.object({
          name: z.string(),
          port: z.number(),
          protocol: z.string(),
          tls: z.object({ mode: z.string().default("") }).nullish(),
        }),
      ),
    }),
    status: z
      .object({
        addresses: listOf(z.object({ type: z.string().default("IPAddress"), value: z.string() })),
        conditions,
      })
      .default({ addresses: [], conditions: [] }),
  })
  .transform((gateway) => ({ ...gateway, path: `${gateway.metadata.namespace}/${gateway.metadata.name}` }));
export type Gateway = z.output<typeof Gateway>;

export const Service = z.object({
  metadata: Metadata,
  spec: z.object({
    type: z.string().default("ClusterIP"),
    clusterIP: z.string().default(""),
    selector: texts,
    ports: listOf(z.object({ name: z.string().default(""), port: z.number() })),
    trafficDistribution: z.string().default(""),
  }),
});
export type Service = z.output<typeof Service>;

export const EndpointSlice = z.object({
  metadata: Metadata,
  endpoints: listOf(
    z.object({
      addresses: listOf(z.string()),
      conditions: z.object({ ready: z.boolean().nullish() }).default({}),
      targetRef: z.object({ kind: z.string().default(""), name: z.string().default("") }).nullish(),
    }),
  ),
});

export const WorkloadEntry = z.object({
  metadata: Metadata,
  spec: z.object({ address: z.string().default(""), network: z.string().default("") }),
});

export const ServiceEntry = z.object({
  metadata: Metadata,
  spec: z.object({ hosts: listOf(z.string()) }),
});

export const Definition = z.object({
  metadata: Metadata,
  spec: z.object({
    group: z.string(),
    versions: listOf(z.object({ name: z.string(), served: z.boolean(), storage: z.boolean().default(false) })),
  }),
  status: z.object({ conditions }).default({ conditions: [] }),
});

export const Lease = z.object({
  metadata: Metadata,
  spec: z.object({ renewTime: z.string().optional(), holderIdentity: z.string().default("") }),
});
export type Lease = z.output<typeof Lease>;
