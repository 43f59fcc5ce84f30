import { describe, expect, it } from "vitest";
import { bundledDefinitions, bundledReleases } from "../../../preflight/gateway-api/bundles";
import { rehearsalConfig } from "../../../settings";
import { type EastWestGatewaySettings, mergedEastWestGateway } from "../../../settings/east-west-gateway";
import { existing, kind, kwok, linesOf, parse, stack } from "./config";

const nodePort = { address: "nodes.example.com" };
const gateway = (eastWestGateway: Readonly<Record<string, unknown>>) => linesOf({ eastWestGateway });

describe("eastWestGateway", () => {
  it("of the stack is every cluster's, of a cluster its own, and absent where neither says anything", () => {
    const whole = parse({
      eastWestGateway: { annotations: { "example.com/a": "1" }, replicas: 2 },
      clusters: [kind("a"), kwok("b", { eastWestGateway: { annotations: { "example.com/b": "2" }, replicas: 3 } })],
    });
    expect(whole.clusters.map(({ eastWestGateway }) => eastWestGateway)).toEqual([
      { annotations: { "example.com/a": "1" }, replicas: 2 },
      { annotations: { "example.com/a": "1", "example.com/b": "2" }, replicas: 3 },
    ]);
    expect(parse({}).clusters.every((cluster) => !("eastWestGateway" in cluster))).toBe(true);
  });

  it.each<[of: string, stack: EastWestGatewaySettings, cluster: EastWestGatewaySettings, both: object]>([
    [
      "maps deep",
      { resources: { requests: { cpu: "1", memory: "1Gi" } } },
      { resources: { requests: { cpu: "2" } } },
      { resources: { requests: { cpu: "2", memory: "1Gi" } } },
    ],
    ["lists as a whole", { tolerations: [{ key: "a", operator: "Exists" }] }, { tolerations: [] }, { tolerations: [] }],
    ["replicas for an autoscaler", { autoscaling: { maxReplicas: 3 } }, { replicas: 2 }, { replicas: 2 }],
    [
      "an autoscaler for replicas",
      { replicas: 2 },
      { autoscaling: { maxReplicas: 3 } },
      { autoscaling: { maxReplicas: 3 } },
    ],
    [
      "one kind of budget for the other",
      { podDisruptionBudget: { minAvailable: 1 } },
      { podDisruptionBudget: { maxUnavailable: "50%" } },
      { podDisruptionBudget: { maxUnavailable: "50%" } },
    ],
  ])("merges %s", (_, stack, cluster, both) => {
    expect(mergedEastWestGateway(stack, cluster)).toEqual(both);
    // A rehearsal has both, the stack's and what became of it.
    expect(mergedEastWestGateway(stack, both)).toEqual(both);
  });

  it("is the same in a rehearsal", () => {
    const eastWestGateway = { serviceAnnotations: { "example.com/a": "1" }, loadBalancerIP: "10.1.0.9" };
    const clusters = [existing("a", { eastWestGateway: { replicas: 2 } })];
    const { config } = rehearsalConfig(stack({ clusters, eastWestGateway }));
    expect(JSON.parse(config["clusters"] ?? "")).toMatchObject([
      { provisioner: "kwok", eastWestGateway: { ...eastWestGateway, replicas: 2 } },
    ]);
  });

  it("takes what clouds need", () => {
    const eastWestGateway = {
      annotations: { "proxy.istio.io/config": "concurrency: 2" },
      labels: { "example.com/team": "platform", empty: "" },
      serviceAnnotations: {
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
        "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
        "networking.gke.io/load-balancer-type": "Internal",
      },
      loadBalancerClass: "service.k8s.aws/nlb",
      loadBalancerIP: "10.1.0.9",
      loadBalancerSourceRanges: ["10.0.0.0/8", "2001:db8::/32"],
      externalTrafficPolicy: "Local",
      autoscaling: { minReplicas: 2, maxReplicas: 5, targetCPUUtilizationPercentage: 70 },
      podDisruptionBudget: { minAvailable: 1 },
      resources: { requests: { cpu: 0.5, memory: "128Mi" }, limits: { cpu: 1, memory: "1Gi" } },
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ key: "dedicated", operator: "Equal", value: "mesh", effect: "NoSchedule" }],
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                topologyKey: "topology.kubernetes.io/zone",
                labelSelector: { matchLabels: { a: "b" } },
              },
            },
          ],
        },
      },
      priorityClassName: "system-cluster-critical",
    };
    expect(parse({ eastWestGateway }).clusters[0]?.eastWestGateway).toEqual(eastWestGateway);
  });
});

describe("refused of eastWestGateway", () => {
  it("is all of it in the community's distribution", () => {
    const community = { distribution: "community", license: undefined, repoKey: undefined };
    const eastWestGateway = { replicas: 2 };
    const why =
      "is for the solo distribution: the community has no east-west Gateway → remove it: control planes read one another's API servers instead";
    expect(linesOf({ ...community, eastWestGateway, clusters: [kind("a", { eastWestGateway })] })).toEqual([
      `clusters[0].eastWestGateway: ${why}`,
      `eastWestGateway: ${why}`,
    ]);
  });

  it("is what earlier releases of Istio have no parameters for", () => {
    const eastWestGateway = { labels: { team: "a" }, replicas: 2, podDisruptionBudget: { minAvailable: 1 } };
    expect(linesOf({ istioVersion: "1.25.0", eastWestGateway })).toEqual([
      "eastWestGateway.replicas: needs Istio 1.26 or later: Gateways of earlier releases take no parameters → remove it, or write " +
        "istioVersion 1.26.0 or later",
    ]);
  });

  it("is what only load balancers have, in a cluster that is reached by node ports", () => {
    const eastWestGateway = { loadBalancerClass: "example.com/x", externalTrafficPolicy: "Local" };
    const clusters = [kind("a"), kind("b", { nodePort, eastWestGateway: { loadBalancerIP: "10.1.0.9" } })];
    expect(linesOf({ clusters, eastWestGateway })).toEqual([
      "clusters[1].eastWestGateway.loadBalancerIP: is for a load balancer, and the cluster is reached by its nodes' ports (nodePort) → keep one of the two",
      "eastWestGateway.loadBalancerClass: is for load balancers, and cluster b is reached by its nodes' ports (nodePort) → move it to " +
        "clusters[].eastWestGateway of those that have load balancers, or take nodePort from b",
    ]);
  });

  it("is more than the Gateway API takes, less what the program needs itself", () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${String(at)}`, "v"]));
    expect(gateway({ labels: many(6), annotations: many(9) })).toEqual([
      "eastWestGateway.labels: has 6 entries: the Gateway API takes 8, 3 of which the program needs → keep 5 at most: leave some out",
      "eastWestGateway.annotations: has 9 entries: the Gateway API takes 8 → keep 8 at most: move those for the load balancer to " +
        "serviceAnnotations, which has no limit",
    ]);
    const clusters = [kind("a"), kind("b", { nodePort, eastWestGateway: { annotations: { more: "v" } } })];
    expect(linesOf({ clusters, eastWestGateway: { annotations: many(6) } })).toEqual([
      "clusters[1].eastWestGateway.annotations: has 7 entries: the Gateway API takes 8, 2 of which the program needs → keep 6 at most: " +
        "move those for the load balancer to serviceAnnotations, which has no limit",
    ]);
    expect(
      parse({ eastWestGateway: { serviceAnnotations: many(30), annotations: many(8), labels: many(5) } }),
    ).toBeTruthy();
  });

  it.each(bundledReleases)("is no fewer than the Gateway API %s takes", (release) => {
    const definition = bundledDefinitions(release).find(({ metadata }) => metadata.name.startsWith("gateways."));
    const [limits] = JSON.stringify(definition).match(/"infrastructure":.*?"parametersRef"/) ?? [];
    const most = Array.from((limits ?? "").matchAll(/"maxProperties":(\d+)/g), ([, count]) => Number(count));
    expect(most).toHaveLength(2);
    expect(Math.min(...most)).toBe(8);
  });

  it.each([
    ["labels", "topology.istio.io/network", "the setting network has it"],
    ["labels", "istio.io/dataplane-mode", "the mesh sets what it needs"],
    ["annotations", "networking.istio.io/service-type", "the cluster's nodePort sets it"],
    ["annotations", "gateway.networking.k8s.io/x", "istiod ignores or sets it by itself"],
    ["serviceAnnotations", "pulumi.com/waitFor", "it is for the tool that applies an object"],
  ])("among %s is %s", (kind, key, why) => {
    expect(gateway({ [kind]: { [key]: "x" } })).toEqual([
      `eastWestGateway.${kind}["${key}"]: belongs to the mesh → remove it: ${why}`,
    ]);
  });

  it.each<[settings: Readonly<Record<string, unknown>>, line: string]>([
    [
      { serviceAnnotations: { "service.beta.kubernetes.io/aws-load-balancer-internal": true } },
      'serviceAnnotations["service.beta.kubernetes.io/aws-load-balancer-internal"]: is a boolean, not a string → write a string, in quotes',
    ],
    [
      { annotations: { "a b": "x" } },
      "annotations.a b: is no key that Kubernetes takes → write it as NAME or PREFIX/NAME: the prefix is a DNS name in lower-case letters, the name has 63 characters at most",
    ],
    [
      { labels: { team: "a b" } },
      "labels.team: is not a valid value of a label → use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
    ],
    [{ annotations: { a: "x".repeat(4097) } }, "annotations.a: has 4097 characters → write 4096 characters at most"],
    [{ annotation: {} }, "annotation: is not a setting → did you mean annotations?"],
    [{ loadBalancerIP: "lb.example.com" }, "loadBalancerIP: is not an IPv4 address → write one, such as 10.0.0.5"],
    [
      { loadBalancerIP: "2001:db8::1" },
      "loadBalancerIP: is IPv6; the mesh is IPv4 alone → write an IPv4 address, or a DNS name that has one, such as 10.0.0.5",
    ],
    [
      { loadBalancerSourceRanges: ["10.0.0.1/8"] },
      "loadBalancerSourceRanges[0]: has host bits set → write 10.0.0.0/8, or the prefix that was meant",
    ],
    [
      { loadBalancerSourceRanges: ["2001:db8::1/32"] },
      "loadBalancerSourceRanges[0]: has host bits set → write 2001:db8::/32, or the prefix that was meant",
    ],
    [
      { loadBalancerSourceRanges: [] },
      "loadBalancerSourceRanges: has 0 entries → list at least one range, such as 10.0.0.0/8, or leave it out",
    ],
    [
      { loadBalancerClass: "a b" },
      "loadBalancerClass: is not the name of a class → write it as its documentation has it, such as service.k8s.aws/nlb",
    ],
    [
      { externalTrafficPolicy: "local" },
      "externalTrafficPolicy: is not an allowed value → write Cluster or Local; did you mean Local?",
    ],
    [{ replicas: 0 }, "replicas: is out of bounds → write 1 or more"],
    [
      { replicas: 2, autoscaling: { maxReplicas: 3 } },
      "replicas: is given beside autoscaling, which chooses the number of pods → keep one of the two; autoscaling.minReplicas is the least number",
    ],
    [
      { autoscaling: { minReplicas: 4, maxReplicas: 3 } },
      "autoscaling.minReplicas: is more than maxReplicas, 3 → write 3 or less, or raise maxReplicas",
    ],
    [
      { podDisruptionBudget: {} },
      "podDisruptionBudget: has neither minAvailable nor maxUnavailable → write one of the two, such as minAvailable: 1",
    ],
    [
      { replicas: 3, podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
      "podDisruptionBudget: has both minAvailable and maxUnavailable, of which Kubernetes takes one → keep one of the two",
    ],
    [
      { podDisruptionBudget: { minAvailable: 1 } },
      "podDisruptionBudget.minAvailable: lets no pod go where there are 1: no node with one could be drained → write less than the number of pods, or raise replicas",
    ],
    [
      { autoscaling: { minReplicas: 2, maxReplicas: 3 }, podDisruptionBudget: { minAvailable: 2 } },
      "podDisruptionBudget.minAvailable: lets no pod go where there are 2: no node with one could be drained → write less than the number of pods, or raise autoscaling.minReplicas",
    ],
    [
      { replicas: 2, podDisruptionBudget: { maxUnavailable: "200%" } },
      'podDisruptionBudget.maxUnavailable: is neither a number nor a percentage → write a number of pods, or a percentage such as "50%"',
    ],
    [
      { resources: { request: { cpu: "1" } } },
      "resources.request: is no field that Kubernetes has there → see what it takes: kubectl explain deployment.spec.template.spec.containers.resources",
    ],
    [
      { resources: { requests: { cpu: "2 cores" } } },
      "resources.requests.cpu: is no quantity of Kubernetes → write it as 500m, 2, 128Mi or 1Gi",
    ],
    [
      { resources: { requests: { memory: "2Gi" }, limits: { memory: "1Gi" } } },
      "resources.requests.memory: is more than limits.memory → write no more than the limit, or raise that",
    ],
    [
      { tolerations: [{ effect: "NoSchedule" }] },
      "tolerations[0].operator: is not Exists, and there is no key → write Exists, or a key",
    ],
    [
      { tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
      "tolerations[0].value: is given, and operator is Exists → remove it, or write operator: Equal",
    ],
    [
      { tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: 5 }] },
      "tolerations[0].tolerationSeconds: is for effect NoExecute → remove it, or write effect: NoExecute",
    ],
    [
      { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKeys: "zone" }] } } },
      "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: is missing → see what it takes: kubectl explain " +
        "deployment.spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.topologyKey",
    ],
  ])("is %j", (settings, line) => {
    expect(gateway(settings)).toContain(`eastWestGateway.${line}`);
  });
});
