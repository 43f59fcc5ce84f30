import { z } from "zod";
import { type ApiServer, dataKey, namespaceName, objectName } from "../kubernetes";
import { outcomeOf, type Probed, probes, shownOutcome } from "./dry-runs";
import { type ChartObject, chartObjects, pathOf } from "./chart-objects";
import { type Masquerading, readMasquerading } from "./masquerade";
import type { InstallPlan } from "./plan";
import { type Reading, reading, readOr } from "./reading";
import { type Labels, Selector } from "./selectors";

/** What a cluster is like, as far as it decides whether a mesh can be installed. Large lists are sampled: their first page is read. */
export interface Facts {
  /** Such as `v1.34.1-gke.100`; empty where the API server does not say. */
  readonly version: Reading<string>;
  /** Groups of the API that it serves. */
  readonly apiGroups: Reading<readonly string[]>;
  readonly nodes: Reading<{ readonly items: readonly Node[]; readonly count: number }>;
  readonly namespaces: Reading<readonly Namespace[]>;
  readonly pods: Reading<readonly Pod[]>;
  /** Of the namespaces of the plan. */
  readonly quotas: Reading<readonly Quota[]>;
  readonly limitRanges: Reading<readonly LimitRange[]>;
  /** Those that deny where nobody answers, and nobody does. */
  readonly deadWebhooks: Reading<readonly Webhook[]>;
  readonly networkPolicies: Reading<readonly NetworkPolicy[]>;
  /** The settings of Cilium; undefined where it is not installed. */
  readonly cilium: Reading<Labels | undefined>;
  /** What says whether its pods are seen by their own addresses. */
  readonly masquerading: Reading<Masquerading>;
  /** Addresses of the Service `default/kubernetes`. */
  readonly serviceAddresses: Reading<readonly string[]>;
  /** How many Deployments of istiod there are. */
  readonly controlPlanes: Reading<number>;
  /** What the charts would make and is there already, of another release or of none. */
  readonly chartObjects: Reading<readonly ChartObject[]>;
  readonly probed: readonly Probed[];
}

/** How facts are read. */
export type FactsReader = Pick<ApiServer, "get" | "metadata" | "firstPage" | "dryRun">;

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((map) => map ?? {});
const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

/** A name that stands in a command. */
const Metadata = z.object({
  name: objectName,
  namespace: namespaceName.default(""),
  labels: texts,
  annotations: texts,
});

const Version = z.object({ gitVersion: z.string().default("") });
const Groups = z.object({ groups: listOf(z.object({ name: z.string() })) });

const Node = z
  .object({
    metadata: Metadata,
    spec: z
      .object({ podCIDRs: listOf(z.string()), providerID: z.string().default("") })
      .default({ podCIDRs: [], providerID: "" }),
    status: z
      .object({
        nodeInfo: z.object({ kubeletVersion: z.string().default("") }).optional(),
      })
      .default({}),
  })
  .transform(({ metadata, spec, status }) => ({
    name: metadata.name,
    labels: metadata.labels,
    providerId: spec.providerID,
    podSubnets: spec.podCIDRs,
    kubeletVersion: status.nodeInfo?.kubeletVersion ?? "",
  }));
export type Node = z.output<typeof Node>;

const Namespace = z
  .object({ metadata: Metadata })
  .transform(({ metadata: { name, labels } }) => ({ name, labels: labels }));
export type Namespace = z.output<typeof Namespace>;

const Pod = z
  .object({
    metadata: Metadata,
    spec: z.object({ hostNetwork: z.boolean().default(false) }).default({ hostNetwork: false }),
    status: z
      .object({ phase: z.string().default(""), podIPs: listOf(z.object({ ip: z.string() })) })
      .default({ phase: "", podIPs: [] }),
  })
  .transform(({ metadata: { namespace, name, labels, annotations }, spec, status }) => ({
    namespace,
    path: `${namespace}/${name}`,
    labels: labels,
    addresses: spec.hostNetwork ? [] : status.podIPs.map(({ ip }) => ip),
    ended: ["Succeeded", "Failed"].includes(status.phase),
    hasSidecar: "sidecar.istio.io/status" in annotations,
  }));
export type Pod = z.output<typeof Pod>;

const Quota = z
  .object({
    metadata: Metadata,
    spec: z.object({
      scopes: listOf(z.string()),
      scopeSelector: z
        .object({
          matchExpressions: listOf(
            z.object({ scopeName: z.string(), operator: z.string(), values: listOf(z.string()) }),
          ),
        })
        .nullish(),
    }),
    status: z.object({ hard: texts, used: texts }).default({ hard: {}, used: {} }),
  })
  .transform(({ metadata: { name, namespace }, spec, status: { hard, used } }) => ({
    name,
    namespace,
    hard: hard,
    used: used,
    scopes: [
      ...spec.scopes.map((scopeName) => ({ scopeName, operator: "Exists", values: [] as string[] })),
      ...(spec.scopeSelector?.matchExpressions ?? []),
    ],
  }));
export type Quota = z.output<typeof Quota>;

const LimitRange = z
  .object({
    metadata: Metadata,
    spec: z.object({
      limits: listOf(
        z.object({
          type: z.string(),
          max: texts,
          min: texts,
          default: texts,
          defaultRequest: texts,
          maxLimitRequestRatio: texts,
        }),
      ),
    }),
  })
  .transform(({ metadata: { name, namespace }, spec }) => ({ name, namespace, limits: spec.limits }));
export type LimitRange = z.output<typeof LimitRange>;

const WebhookConfiguration = z.object({
  metadata: Metadata,
  webhooks: listOf(
    z.object({
      name: z.string(),
      failurePolicy: z.string().default("Fail"),
      clientConfig: z.object({ service: z.object({ name: objectName, namespace: namespaceName }).nullish() }),
      namespaceSelector: Selector.nullish(),
      rules: listOf(
        z.object({ apiGroups: listOf(z.string()), resources: listOf(z.string()), operations: listOf(z.string()) }),
      ),
    }),
  ),
});

/** A webhook that nobody answers. */
export interface Webhook {
  /** Of the configuration that it is in, as kubectl names it. */
  readonly resource: "validatingwebhookconfiguration" | "mutatingwebhookconfiguration";
  readonly configuration: string;
  readonly name: string;
  /** `<namespace>/<name>` of its Service. */
  readonly service: string;
  readonly namespaceSelector: Selector;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[] }[];
}

const Slice = z.object({
  endpoints: listOf(z.object({ conditions: z.object({ ready: z.boolean().nullish() }).nullish() })),
});

const Port = z.object({
  protocol: z.string().default("TCP"),
  port: z.union([z.number(), z.string()]).optional(),
  endPort: z.number().optional(),
});
const Rule = z.object({ ports: listOf(Port) });
const NetworkPolicy = z
  .object({
    metadata: Metadata,
    spec: z.object({
      podSelector: Selector.default({}),
      policyTypes: listOf(z.string()),
      ingress: listOf(Rule),
      egress: listOf(Rule),
    }),
  })
  .transform(({ metadata: { name, namespace }, spec }) => ({
    name,
    namespace,
    podSelector: spec.podSelector,
    // What the API server fills in where nobody says.
    types: spec.policyTypes.length > 0 ? spec.policyTypes : ["Ingress", ...(spec.egress.length > 0 ? ["Egress"] : [])],
    ingress: spec.ingress,
    egress: spec.egress,
  }));
export type NetworkPolicy = z.output<typeof NetworkPolicy>;

const ConfigMap = z.object({ data: z.record(dataKey, z.string()).nullish() });
const Service = z.object({ spec: z.object({ clusterIP: z.string().default(""), clusterIPs: listOf(z.string()) }) });

/** Reads what a cluster is like; changes nothing. What can't be read is marked as such. */
export async function readFacts(server: FactsReader, plan: InstallPlan): Promise<Facts> {
  const list = <Schema extends z.ZodType>(path: string, schema: Schema): Promise<Reading<z.output<Schema>[]>> =>
    reading(async () => ((await server.firstPage(path))?.items ?? []).map((item) => schema.parse(item)));
  const inPlanned = async <Schema extends z.ZodType>(
    resource: string,
    schema: Schema,
  ): Promise<Reading<z.output<Schema>[]>> =>
    all(await Promise.all(plan.namespaces.map(({ name }) => list(`/api/v1/namespaces/${name}/${resource}`, schema))));

  const [existing, facts] = await Promise.all([
    Promise.all(
      plan.namespaces.map(async ({ name }) => {
        const found = await reading(() => server.metadata(`/api/v1/namespaces/${name}`));
        return readOr(found, undefined) === undefined ? [] : [name];
      }),
    ),
    properties({
      version: reading(async () => Version.parse((await server.get("/version")) ?? {}).gitVersion),
      apiGroups: reading(async () => Groups.parse((await server.get("/apis")) ?? {}).groups.map(({ name }) => name)),
      nodes: reading(async () => {
        const { items, remaining } = (await server.firstPage("/api/v1/nodes")) ?? { items: [], remaining: 0 };
        return { items: items.map((item) => Node.parse(item)), count: items.length + remaining };
      }),
      namespaces: list("/api/v1/namespaces", Namespace),
      pods: list("/api/v1/pods", Pod),
      quotas: inPlanned("resourcequotas", Quota),
      limitRanges: inPlanned("limitranges", LimitRange),
      deadWebhooks: reading(() => readDeadWebhooks(server)),
      networkPolicies: list("/apis/networking.k8s.io/v1/networkpolicies", NetworkPolicy),
      cilium: reading(async () => {
        const config = await server.get("/api/v1/namespaces/kube-system/configmaps/cilium-config");
        return config === undefined ? undefined : (ConfigMap.parse(config).data ?? {});
      }),
      masquerading: reading(() =>
        readMasquerading({
          get: (path) => server.get(path),
          items: async (path) => (await server.firstPage(path))?.items,
        }),
      ),
      serviceAddresses: reading(async () => {
        const service = await server.get("/api/v1/namespaces/default/services/kubernetes");
        const { clusterIP, clusterIPs } =
          service === undefined ? { clusterIP: "", clusterIPs: [] } : Service.parse(service).spec;
        return clusterIPs.length > 0 ? clusterIPs : [clusterIP].filter((address) => address !== "");
      }),
      controlPlanes: reading(async () => {
        const found = await server.get("/apis/apps/v1/deployments?labelSelector=app%3Distiod");
        return z.object({ items: listOf(z.unknown()) }).parse(found ?? {}).items.length;
      }),
      chartObjects: reading(() => readChartObjects(server)),
    }),
  ]);
  const probed = await Promise.all(
    probes(plan, new Set(existing.flat())).map(async ({ path, object, ...probe }): Promise<Probed> => {
      const answer = await reading(() => server.dryRun(path, object));
      return {
        ...probe,
        outcome:
          answer.status === "read"
            ? shownOutcome(outcomeOf(answer.value), probe.workload)
            : { is: "unknown", reason: answer.reason, forbidden: false },
      };
    }),
  );
  return { ...facts, probed };
}

/** Waits for every property. */
async function properties<Value extends object>(value: {
  readonly [Key in keyof Value]: Promise<Value[Key]>;
}): Promise<Value> {
  const entries = Object.entries<Promise<unknown>>(value);
  const settled = await Promise.all(entries.map(async ([key, promise]) => [key, await promise] as const));
  return Object.fromEntries(settled) as Value;
}

const Owned = z.object({ metadata: z.object({ labels: texts, annotations: texts }) });

/** Those of the charts' objects that are there and that Helm would not take for its own. */
async function readChartObjects(server: FactsReader): Promise<ChartObject[]> {
  const found = await Promise.all(
    chartObjects.map(async (object) => {
      const there = await server.metadata(pathOf(object));
      if (there === undefined) {
        return [];
      }
      const { labels, annotations } = Owned.parse(there).metadata;
      const own =
        labels["app.kubernetes.io/managed-by"] === "Helm" &&
        annotations["meta.helm.sh/release-name"] === object.release &&
        annotations["meta.helm.sh/release-namespace"] === "istio-system";
      return own ? [] : [object];
    }),
  );
  return found.flat();
}

function all<Value>(parts: readonly Reading<Value[]>[]): Reading<Value[]> {
  const unread = parts.find(({ status }) => status === "unread");
  return unread ?? { status: "read", value: parts.flatMap((part) => readOr(part, [])) };
}

async function readDeadWebhooks(server: FactsReader): Promise<Webhook[]> {
  const resources = ["validatingwebhookconfiguration", "mutatingwebhookconfiguration"] as const;
  const pages = await Promise.all(
    resources.map(async (resource) => {
      const page = await server.firstPage(`/apis/admissionregistration.k8s.io/v1/${resource}s`);
      return (page?.items ?? []).flatMap((item) => {
        const { metadata, webhooks } = WebhookConfiguration.parse(item);
        return webhooks.flatMap(
          ({ clientConfig: { service }, failurePolicy, name, namespaceSelector, rules }): Webhook[] =>
            failurePolicy === "Fail" && service
              ? [
                  {
                    resource,
                    configuration: metadata.name,
                    name,
                    service: `${service.namespace}/${service.name}`,
                    namespaceSelector: namespaceSelector ?? {},
                    rules: rules.filter(({ operations }) => operations.some((one) => one === "CREATE" || one === "*")),
                  },
                ]
              : [],
        );
      });
    }),
  );
  const found = pages.flat();
  const dead = new Set(
    (
      await Promise.all(
        [...new Set(found.map(({ service }) => service))].map(async (path) => {
          const [namespace = "", name = ""] = path.split("/");
          const selector = encodeURIComponent(`kubernetes.io/service-name=${name}`);
          const slices = await server.get(
            `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`,
          );
          const { items } = z.object({ items: listOf(Slice) }).parse(slices ?? {});
          const endpoints = items.flatMap((slice) => slice.endpoints);
          return endpoints.some(({ conditions }) => conditions?.ready !== false) ? [] : [path];
        }),
      )
    ).flat(),
  );
  return found.filter(({ service }) => dead.has(service));
}
