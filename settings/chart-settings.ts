import { z } from "zod";
import { quantity } from "../kubernetes/quantities";
import { checkedString, dnsName, matching, wholeNumber } from "./formats";
import type { PartialConfig, Report } from "./issues";

const amount = z.union(
  [
    z.number().nonnegative(),
    checkedString((text) =>
      quantity(text) === undefined
        ? { problem: "is not a quantity of Kubernetes", remedy: 'write a number with a unit, such as "500m" or "2Gi"' }
        : undefined,
    ),
  ],
  { error: 'write a quantity, such as "500m" or "2Gi"' },
);

const amounts = z.record(z.string(), amount);

const toleration = z.strictObject({
  key: z.string().optional().describe("Key of the taint; left out for all"),
  operator: z.enum(["Exists", "Equal"]).optional().meta({ description: "How it matches", fallback: "Equal" }),
  value: z.string().optional().describe("Value of the taint, with Equal"),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional().describe("Effect; left out for all"),
  tolerationSeconds: wholeNumber(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe("How long a pod stays on a node with such a taint, with NoExecute"),
});

const nodeSelector = z
  .record(z.string(), z.string({ error: "write each label's value as a string, in quotes" }))
  .optional()
  .describe("Labels of the nodes that its pods may run on");

/** What a chart's pods need, and where they run. `like` names the chart whose settings of that kind have the documents. */
function pods(like?: "istiod") {
  const alike = (key: string) => (like === undefined ? {} : { like: `${like}.${key}` });
  return {
    resources: z
      .strictObject({
        requests: amounts.optional().describe("What the scheduler reserves on a node, by resource"),
        limits: amounts.optional().describe("What it may use at most, by resource"),
      })
      .optional()
      .meta({
        description: "Processor time and memory of each of its pods",
        fallback: "the chart's own",
        ...alike("resources"),
      }),
    tolerations: z
      .array(toleration)
      .optional()
      .meta({
        description: "Taints of nodes that its pods may run on all the same",
        fallback: "the chart's own, whose place these take: ztunnel's and the CNI's tolerate every taint",
        ...alike("tolerations"),
      }),
    affinity: z
      .record(z.string(), z.unknown())
      .optional()
      .describe("Rules of placement, as Kubernetes has them in a pod's `spec.affinity`"),
  };
}

/** An absolute path on the nodes. */
const nodePath = matching("an absolute path", "write the whole path, such as /opt/cni/bin", /^\/[\w./-]*$/);

const podCount = wholeNumber(1, 1000);

const atLeast = z.union([
  wholeNumber(0, 1000),
  matching("a number of pods or a percentage", 'write a number of pods, or a percentage such as "50%"', /^\d{1,3}%$/),
]);

const proxyUrl = matching(
  "the URL of a proxy",
  "write http://HOST:PORT",
  /^https?:\/\/([^@/\s]+@)?[A-Za-z0-9.-]+(:\d{1,5})?\/?$/,
);

const valuesOf = (what: string) => z.record(z.string(), z.unknown()).optional().describe(`Values of ${what}`);

const ownValues = z
  .strictObject({
    base: valuesOf("chart base: Istio's definitions"),
    istiod: valuesOf("chart istiod: the control plane, and the proxies that it makes"),
    cni: valuesOf("chart cni: the CNI plugin and its agent on each node"),
    ztunnel: valuesOf("chart ztunnel"),
    peering: valuesOf("Solo's peering chart, with `linkMethod: chart`"),
  })
  .optional()
  .describe(
    "Helm values for the charts, put over those of this program: maps are merged, everything else is replaced. What the mesh stands " +
      "on can't be changed by them",
  );

/** What people most often want of Istio's charts, under names of its own; for all clusters of a stack, or for one. */
export const chartSettings = {
  istiod: z
    .strictObject({
      replicas: podCount.optional().meta({
        description: "Number of its pods, which are then not scaled by load",
        fallback: "by load, 1 to 5",
      }),
      autoscaling: z
        .strictObject({
          minReplicas: podCount.default(1).describe("Pods that there are at least"),
          maxReplicas: podCount.default(5).describe("Pods that there are at most"),
          targetCpu: wholeNumber(1, 1000)
            .default(80)
            .describe("Use of the requested processor time from which there are more, in per cent"),
        })
        .optional()
        .describe("Scales it by load (HorizontalPodAutoscaler)"),
      disruptionBudget: z
        .union(
          [
            z
              .strictObject({ minAvailable: atLeast.describe("Pods, or per cent of them, that have to be ready") })
              .meta({ title: "a budget of pods that stay" }),
            z
              .strictObject({ maxUnavailable: atLeast.describe("Pods, or per cent of them, that may be missing") })
              .meta({ title: "a budget of pods that may go" }),
          ],
          { error: "write {minAvailable: 1} or {maxUnavailable: 1}, a number of pods or a percentage" },
        )
        .optional()
        .meta({
          description: "How many pods may be evicted at a time, where there are two or more (PodDisruptionBudget)",
          fallback: "one stays",
        }),
      ...pods(),
      nodeSelector,
      priorityClassName: dnsName.optional().describe("PriorityClass of its pods"),
    })
    .optional()
    .describe("istiod, the control plane, in each cluster"),
  ztunnel: z
    .strictObject({ ...pods("istiod"), nodeSelector })
    .optional()
    .describe(
      "ztunnel, which carries the traffic of each node's pods. The charts give it the priority of a node's own parts",
    ),
  cni: z
    .strictObject({
      ...pods("istiod"),
      binDir: nodePath.optional().meta({ description: "Where nodes have CNI plugins", fallback: "by `platform`" }),
      confDir: nodePath
        .optional()
        .meta({ description: "Where nodes have the configuration of CNI plugins", fallback: "by `platform`" }),
      confFileName: matching("the name of a file", "write the file's name, such as 10-calico.conflist", /^[\w.-]+$/)
        .optional()
        .meta({ description: "The configuration that it adds itself to", fallback: "the first one of `confDir`" }),
      netnsDir: nodePath
        .optional()
        .meta({ description: "Where nodes have the network namespaces of pods", fallback: "by `platform`" }),
    })
    .optional()
    .describe("Istio's CNI plugin and its agent on each node"),
  httpProxy: z
    .strictObject({
      http: proxyUrl.optional().describe("For http URLs (HTTP_PROXY)"),
      https: proxyUrl.optional().describe("For https URLs (HTTPS_PROXY)"),
      noProxy: z
        .array(matching("a host, domain or subnet", "write each as in NO_PROXY, such as .internal", /^[^\s,]+$/))
        .default([])
        .describe(
          "What is reached without it (NO_PROXY), beside the clusters' own services, pods and API servers, which are anyway",
        ),
    })
    .optional()
    .describe("The proxy by which istiod reaches what is outside: issuers of tokens, and their keys"),
  accessLogs: z
    .union([z.boolean(), z.strictObject({ encoding: z.enum(["text", "json"]).describe("How each line is written") })], {
      error: "write true, false, or {encoding: json}",
    })
    .optional()
    .meta({
      description: "Whether proxies and ztunnel log each connection",
      fallback: "proxies do, ztunnel as its chart has it",
    }),
  tracing: z
    .strictObject({
      service: dnsName.describe(
        "OpenTelemetry collector, by the whole name of its Service, such as otel-collector.observability.svc.cluster.local",
      ),
      port: wholeNumber(1, 65535).default(4317).describe("Its port for OTLP by gRPC"),
      sampling: z
        .number()
        .min(0, { error: "write a percentage from 0 to 100" })
        .max(100, { error: "write a percentage from 0 to 100" })
        .default(1)
        .describe("Share of the requests that are traced, in per cent"),
    })
    .optional()
    .describe("Where proxies send traces: waypoints, gateways and sidecars. ztunnel has none"),
  values: ownValues,
};

/** The same for one cluster, over those of the stack. `like` is the stack's key, which has the documents. */
export const clusterChartSettings = Object.fromEntries(
  Object.entries(chartSettings).map(([key, schema]) => {
    const description = `\`${key}\` of this cluster, over that of the stack: what is a map in both is merged`;
    return [key, (schema as z.ZodType).meta({ description, like: key })];
  }),
) as typeof chartSettings;

/** Settings of the charts, for a stack or a cluster. */
export type ChartSettings = Readonly<z.output<z.ZodObject<typeof chartSettings>>>;

/** What settings of the charts have to be in view of one another. */
export function checkChartSettings({ valid, clusters }: PartialConfig, report: Report): void {
  const places = [
    { path: [] as PropertyKey[], istiod: valid.istiod },
    ...clusters.map(({ istiod }, index) => ({ path: ["clusters", index], istiod })),
  ];
  for (const { path, istiod } of places) {
    const { replicas, autoscaling } = istiod ?? {};
    if (replicas !== undefined && autoscaling !== undefined) {
      report({
        path: [...path, "istiod", "replicas"],
        value: replicas,
        problem: "is a fixed number, and autoscaling changes it",
        remedy: "remove one of the two",
      });
    }
    if (autoscaling !== undefined && autoscaling.minReplicas > autoscaling.maxReplicas) {
      report({
        path: [...path, "istiod", "autoscaling", "minReplicas"],
        value: autoscaling.minReplicas,
        problem: `is more than maxReplicas, ${String(autoscaling.maxReplicas)}`,
        remedy: "write a number up to maxReplicas, or a higher maxReplicas",
      });
    }
  }
}
