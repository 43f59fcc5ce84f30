import { z } from "zod";
import { addressRange, ipv4Address } from "./addresses";
import { checkedString, dnsName } from "./formats";
import type { PartialConfig, Report } from "./issues";
import { annotationMap, labelMap, podPlacement } from "./kubernetes-fields";
import { autoscaling, checkPodCounts, podDisruptionBudget, replicaCount } from "./pod-counts";

/** Above the names of classes that clouds and load balancers have for themselves: a label's key. */
const className = checkedString((value) =>
  /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(value)
    ? undefined
    : {
        problem: "is not the name of a class",
        remedy: "write it as its documentation has it, such as service.k8s.aws/nlb",
      },
);

/** What a cloud needs of the east-west Gateway: its Service, and its pods. */
const parts = z.strictObject({
  annotations: annotationMap
    .optional()
    .describe("Annotations of its Service, Deployment and pods (`spec.infrastructure.annotations` of the Gateway)"),
  labels: labelMap
    .optional()
    .describe("Labels of its Service, Deployment and pods (`spec.infrastructure.labels` of the Gateway)"),
  serviceAnnotations: annotationMap
    .optional()
    .describe("Annotations of its Service alone, as many as it takes: a change restarts no pod"),
  loadBalancerClass: className.optional().meta({
    description:
      "Class of its load balancer (`spec.loadBalancerClass` of its Service). Changing it makes the Gateway anew",
    fallback: "the cluster's own",
  }),
  loadBalancerIP: ipv4Address.optional().meta({
    description:
      "Fixed IPv4 address (`spec.loadBalancerIP` of its Service), where the load balancer takes it; on AWS an annotation has it",
    fallback: "the load balancer's choice",
  }),
  loadBalancerSourceRanges: z
    .array(addressRange)
    .min(1, { error: "list at least one range, such as 10.0.0.0/8, or leave it out" })
    .optional()
    .meta({ description: "From which addresses it may be called, in CIDR notation", fallback: "from anywhere" }),
  externalTrafficPolicy: z.enum(["Cluster", "Local"]).optional().meta({
    description: "`Local`: only nodes that have a pod of it answer, and the caller's address is kept",
    fallback: "`Cluster`",
  }),
  replicas: replicaCount.optional().meta({ description: "Number of its pods", fallback: "1" }),
  autoscaling: autoscaling.optional().describe("A HorizontalPodAutoscaler for its pods, in place of `replicas`"),
  podDisruptionBudget: podDisruptionBudget
    .optional()
    .describe("A PodDisruptionBudget for its pods, which drains of nodes keep to"),
  resources: podPlacement.resources
    .optional()
    .meta({ description: "Requests and limits of its container", fallback: "the chart's" }),
  nodeSelector: podPlacement.nodeSelector.optional().describe("Labels of the nodes that its pods may run on"),
  tolerations: podPlacement.tolerations
    .optional()
    .describe("Taints of nodes that its pods tolerate, as a pod's spec has them"),
  affinity: podPlacement.affinity.optional().describe("Affinity of its pods, as a pod's spec has it"),
  priorityClassName: dnsName.optional().describe("Priority class of its pods"),
});

/** The east-west Gateway of all clusters of a stack. */
export const eastWestGateway = parts.optional();

/** The same of one cluster. */
export const clusterEastWestGateway = parts.optional();

/** What a stack says of an east-west Gateway. */
export type EastWestGatewaySettings = Readonly<z.output<typeof parts>>;

/** The first minor version whose Gateways read a ConfigMap of parameters (istiod's own code, 1.25 and 1.26). */
export const firstParameters = 26;

/** What goes into the ConfigMap that a Gateway's `parametersRef` names. */
const parameterKeys = [
  "serviceAnnotations",
  "loadBalancerClass",
  "loadBalancerIP",
  "loadBalancerSourceRanges",
  "externalTrafficPolicy",
  "replicas",
  "resources",
  "nodeSelector",
  "tolerations",
  "affinity",
  "priorityClassName",
] as const satisfies readonly (keyof EastWestGatewaySettings)[];

/** What only a Service of type LoadBalancer may have. */
const balancerKeys = ["loadBalancerClass", "loadBalancerIP", "loadBalancerSourceRanges"] as const;

/** Of these, one takes the place of the other: whoever is nearer wins. */
const alternatives = { replicas: "autoscaling", autoscaling: "replicas" } as const;
const budgetAlternatives = { minAvailable: "maxUnavailable", maxUnavailable: "minAvailable" } as const;

/**
 * What a cluster's east-west Gateway gets: maps are merged, and of anything else the cluster's own wins.
 *
 * @returns undefined if neither says anything.
 */
export function mergedEastWestGateway(
  ofStack: EastWestGatewaySettings | undefined,
  ofCluster: EastWestGatewaySettings | undefined,
): EastWestGatewaySettings | undefined {
  return ofStack && ofCluster ? merged(ofStack, ofCluster) : (ofCluster ?? ofStack);
}

type Fields = Readonly<Record<string, unknown>>;

function merged(below: Fields, above: Fields): Fields {
  const others: Readonly<Record<string, string>> = { ...alternatives, ...budgetAlternatives };
  const kept = Object.entries(below).filter(([key]) => {
    const other = others[key];
    return other === undefined || above[other] === undefined || above[key] !== undefined;
  });
  const result: Record<string, unknown> = Object.fromEntries(kept);
  for (const [key, value] of Object.entries(above)) {
    const under = result[key];
    if (value !== undefined) {
      result[key] = isFields(under) && isFields(value) ? merged(under, value) : value;
    }
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The paths of every place that says something of an east-west Gateway. */
function placesOf({ given, clusterKeys }: PartialConfig): PropertyKey[][] {
  return [
    ...(given.has("eastWestGateway") ? [["eastWestGateway"]] : []),
    ...clusterKeys.flatMap((keys, index) =>
      keys.has("eastWestGateway") ? [["clusters", index, "eastWestGateway"]] : [],
    ),
  ];
}

/** The community's distribution has no such Gateway. */
export function refuseEastWestGateway(config: PartialConfig, report: Report): void {
  for (const path of placesOf(config)) {
    report({
      path,
      problem: "is for the solo distribution: the community has no east-west Gateway",
      remedy: "remove it: control planes read one another's API servers instead",
    });
  }
}

interface Given {
  readonly path: PropertyKey[];
  readonly gateway: Partial<EastWestGatewaySettings>;
}

/** What is given for the Gateways goes together, with the version of Istio, and with how the clusters are reached. */
export function checkEastWestGateways(config: PartialConfig, minor: number | undefined, report: Report): void {
  const { clusters, valid } = config;
  const ofStack = valid.eastWestGateway;
  const given: Given[] = [
    ...(ofStack ? [{ path: ["eastWestGateway"], gateway: ofStack }] : []),
    ...clusters.flatMap(({ eastWestGateway }, index) =>
      eastWestGateway ? [{ path: ["clusters", index, "eastWestGateway"], gateway: eastWestGateway }] : [],
    ),
  ];
  for (const each of given) {
    checkVersion(each, minor, report);
    checkPodCounts(each.path, each.gateway, report);
    checkOwnKeys(each, report);
  }
  const once = withoutRepetition(report);
  clusters.forEach((cluster, index) => {
    const own = { path: ["clusters", index, "eastWestGateway"], gateway: cluster.eastWestGateway ?? {} };
    const stacks = { path: ["eastWestGateway"], gateway: ofStack ?? {} };
    const both = { name: cluster.name ?? `clusters[${String(index)}]`, own, stacks };
    if (cluster.nodePort !== undefined) {
      checkNodePort(both, report);
    }
    checkMerged(both, cluster.nodePort !== undefined, once);
  });
}

/** What is wrong with the stack's own settings is so for several clusters. */
function withoutRepetition(report: Report): Report {
  const reported = new Set<string>();
  return (issue) => {
    const text = JSON.stringify([issue.path, issue.problem]);
    if (!reported.has(text)) {
      reported.add(text);
      report(issue);
    }
  };
}

function checkVersion({ path, gateway }: Given, minor: number | undefined, report: Report): void {
  if (minor === undefined || minor >= firstParameters) {
    return;
  }
  for (const key of parameterKeys.filter((key) => gateway[key] !== undefined)) {
    report({
      path: [...path, key],
      problem: `needs Istio 1.${String(firstParameters)} or later: Gateways of earlier releases take no parameters`,
      remedy: `remove it, or write istioVersion 1.${String(firstParameters)}.0 or later`,
    });
  }
}

/** What the mesh itself says of the Gateway's Service and pods, or reads there. */
const meshKeys: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/^topology\.istio\.io\/network$/, "the setting network has it"],
  [
    /^networking\.istio\.io\/service-type$|^peering\.solo\.io\/data-plane-service-type$/,
    "the cluster's nodePort sets it",
  ],
  [/^(gateway\.networking\.k8s\.io|gateway\.istio\.io)\//, "istiod ignores or sets it by itself"],
  [/^([a-z0-9-]+\.)*istio\.io\/|^peering\.solo\.io\//, "the mesh sets what it needs"],
  [/^pulumi\.com\/|^kubectl\.kubernetes\.io\/|^flatmesh\//, "it is for the tool that applies an object"],
];

/** Annotations of the mesh that are the engineer's to choose. */
const freeKeys = /^(proxy|networking)\.istio\.io\/(config|overrides|traffic-distribution|exportTo)$/;

function checkOwnKeys({ path, gateway }: Given, report: Report): void {
  for (const kind of ["annotations", "labels", "serviceAnnotations"] as const) {
    for (const key of Object.keys(gateway[kind] ?? {})) {
      const found = freeKeys.test(key) ? undefined : meshKeys.find(([pattern]) => pattern.test(key));
      if (found) {
        report({ path: [...path, kind, key], problem: "belongs to the mesh", remedy: `remove it: ${found[1]}` });
      }
    }
  }
}

interface Both {
  readonly name: string;
  readonly own: Given;
  readonly stacks: Given;
}

function checkNodePort({ name, own, stacks }: Both, report: Report): void {
  for (const key of balancerKeys) {
    if (own.gateway[key] !== undefined) {
      report({
        path: [...own.path, key],
        problem: "is for a load balancer, and the cluster is reached by its nodes' ports (nodePort)",
        remedy: "keep one of the two",
      });
    } else if (stacks.gateway[key] !== undefined) {
      report({
        path: [...stacks.path, key],
        problem: `is for load balancers, and cluster ${name} is reached by its nodes' ports (nodePort)`,
        remedy: `move it to clusters[].eastWestGateway of those that have load balancers, or take nodePort from ${name}`,
      });
    }
  }
}

/** How many labels and annotations the Gateway API's definition takes (maxProperties, release 1.4). */
const mostInfrastructure = 8;

/** Labels, and annotations of a cluster that is reached by node ports, that the program puts there itself. */
const ownLabels = 3;
const ownNodePortAnnotations = 2;

function checkMerged({ own, stacks }: Both, byNodePort: boolean, report: Report): void {
  const gateway = mergedEastWestGateway(stacks.gateway, own.gateway) ?? {};
  const pathOf = (key: keyof EastWestGatewaySettings) => [
    ...(own.gateway[key] === undefined ? stacks.path : own.path),
    key,
  ];
  const limits = [
    ["labels", mostInfrastructure - ownLabels, "leave some out"],
    [
      "annotations",
      mostInfrastructure - (byNodePort ? ownNodePortAnnotations : 0),
      "move those for the load balancer to serviceAnnotations, which has no limit",
    ],
  ] as const;
  for (const [kind, limit, remedy] of limits) {
    const count = Object.keys(gateway[kind] ?? {}).length;
    if (count > limit) {
      report({
        path: pathOf(kind),
        problem: `has ${String(count)} entries: the Gateway API takes ${String(mostInfrastructure)}${limit < mostInfrastructure ? `, ${String(mostInfrastructure - limit)} of which the program needs` : ""}`,
        remedy: `keep ${String(limit)} at most: ${remedy}`,
      });
    }
  }
  const { autoscaling, podDisruptionBudget: budget } = gateway;
  const { minReplicas = 1, maxReplicas } = autoscaling ?? {};
  if (maxReplicas !== undefined && minReplicas > maxReplicas) {
    report({
      path: [...pathOf("autoscaling"), "minReplicas"],
      value: minReplicas,
      problem: `is more than maxReplicas, ${String(maxReplicas)}`,
      remedy: `write ${String(maxReplicas)} or less, or raise maxReplicas`,
    });
  }
  const least = autoscaling ? minReplicas : (gateway.replicas ?? 1);
  const stay = budget?.minAvailable;
  if (typeof stay === "number" ? stay >= least : stay === "100%") {
    report({
      path: [...pathOf("podDisruptionBudget"), "minAvailable"],
      value: stay,
      problem: `lets no pod go where there are ${String(least)}: no node with one could be drained`,
      remedy: `write less than the number of pods, or raise ${autoscaling ? "autoscaling.minReplicas" : "replicas"}`,
    });
  }
}
