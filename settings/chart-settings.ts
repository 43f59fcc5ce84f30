import { z } from "zod";
import { dnsName, matching, wholeNumber } from "./formats";
import type { PartialConfig, Report } from "./issues";
import { podPlacement } from "./kubernetes-fields";
import { autoscaling, checkPodCounts, podDisruptionBudget, replicaCount } from "./pod-counts";

/** What pods of a chart need, and where they run. */
const pods = {
  resources: podPlacement.resources
    .optional()
    .meta({ description: "Requests and limits of its containers", fallback: "the chart's" }),
  tolerations: podPlacement.tolerations.optional().meta({
    description: "Taints of nodes that its pods tolerate, as a pod's spec has them",
    fallback: "the chart's, whose place these take: pods that every node has tolerate all",
  }),
  affinity: podPlacement.affinity.optional().describe("Affinity of its pods, as a pod's spec has it"),
};

const nodeSelector = podPlacement.nodeSelector.optional().describe("Labels of the nodes that its pods may run on");

/** An absolute path on the nodes. */
const nodePath = matching("an absolute path", "write the whole path, such as /opt/cni/bin", /^\/[\w./-]*$/);

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
      replicas: replicaCount.optional().meta({
        description: "Number of its pods, which are then not scaled by load",
        fallback: "by load, 1 to 5",
      }),
      autoscaling: autoscaling.optional().describe("A HorizontalPodAutoscaler for its pods, in place of `replicas`"),
      podDisruptionBudget: podDisruptionBudget.optional().meta({
        description: "A PodDisruptionBudget for its pods, where there are two or more, which drains of nodes keep to",
        fallback: "one stays",
      }),
      ...pods,
      nodeSelector,
      priorityClassName: dnsName.optional().describe("PriorityClass of its pods"),
    })
    .optional()
    .describe("istiod, the control plane, in each cluster"),
  ztunnel: z
    .strictObject({ ...pods, nodeSelector })
    .optional()
    .describe(
      "ztunnel, which carries the traffic of each node's pods. The charts give it the priority of a node's own parts",
    ),
  cni: z
    .strictObject({
      ...pods,
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

/** The same for one cluster, over those of the stack. `sameAs` is the stack's key, which has the documents. */
export const clusterChartSettings = Object.fromEntries(
  Object.entries(chartSettings).map(([key, schema]) => {
    const description = `\`${key}\` of this cluster, over that of the stack: what is a map in both is merged`;
    return [key, (schema as z.ZodType).meta({ description, sameAs: key })];
  }),
) as typeof chartSettings;

/** Settings of the charts, for a stack or a cluster. */
export type ChartSettings = Readonly<z.output<z.ZodObject<typeof chartSettings>>>;

/** Those of the charts among the settings of a stack or cluster. */
export function chartSettingsOf(settings: ChartSettings): ChartSettings {
  const { istiod, ztunnel, cni, httpProxy, accessLogs, tracing, values } = settings;
  return { istiod, ztunnel, cni, httpProxy, accessLogs, tracing, values };
}

/** What settings of the charts have to be in view of one another. */
export function checkChartSettings({ valid, clusters }: PartialConfig, report: Report): void {
  const places = [
    { path: [] as PropertyKey[], istiod: valid.istiod },
    ...clusters.map(({ istiod }, index) => ({ path: ["clusters", index], istiod })),
  ];
  for (const { path, istiod = {} } of places) {
    checkPodCounts([...path, "istiod"], istiod, report);
  }
}
