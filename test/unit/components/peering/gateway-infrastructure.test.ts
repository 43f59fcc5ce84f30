/** The east-west Gateway as clouds need it: what the program declares of it. */
import { describe, expect, it } from "vitest";
import { peeringObjects } from "../../../../components/peering";
import { meshStages } from "../../../../components/mesh/mesh-controllers";
import { existing, kwok, parse } from "../../settings/config";
import type { Inputs, Recorded } from "../mocks";
import { clusterOf, objectName, peering } from "./environment";

const parametersRef = { group: "", kind: "ConfigMap", name: "istio-eastwest-service" };
const ownLabels = (cluster: string) => ({
  "istio.io/expose-istiod": "15012",
  "topology.istio.io/cluster": cluster,
  "topology.istio.io/network": "flat-network",
});

async function gatewayOf(settings: object, cluster: object = {}, world?: { preview: boolean }) {
  const { all } = await peering({ clusters: [kwok("a", cluster)], eastWestGateway: settings }, world);
  const [gateway] = all("Gateway").filter((one) => objectName(one) === "istio-eastwest");
  const [parameters] = all("ConfigMap");
  const data = (parameters?.inputs["data"] ?? {}) as Readonly<Record<string, string>>;
  return {
    all,
    metadata: gateway?.inputs["metadata"] as Inputs,
    spec: gateway?.inputs["spec"] as Inputs,
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, JSON.parse(text) as unknown])),
    texts: data,
  };
}

describe.each([false, true])("the Gateway of a cluster, preview %s", (preview) => {
  it("of EKS has an internal network load balancer of AWS's own controller", async () => {
    const serviceAnnotations = {
      "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
      "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
    };
    const loadBalancerClass = "service.k8s.aws/nlb";
    const made = await gatewayOf({ serviceAnnotations, loadBalancerClass, replicas: 2 }, {}, { preview });
    expect(made.spec["infrastructure"]).toEqual({ parametersRef });
    expect(made.data).toEqual({
      service: { metadata: { annotations: serviceAnnotations }, spec: { loadBalancerClass } },
      deployment: { spec: { replicas: 2 } },
    });
    // A change of it has to be seen in the Gateway.
    expect(made.metadata["annotations"]).toMatchObject({ "flatmesh/load-balancer-class": loadBalancerClass });
  });

  it("of GKE has an internal one with a fixed address, which it waits for", async () => {
    const serviceAnnotations = { "networking.gke.io/load-balancer-type": "Internal" };
    const made = await gatewayOf({ serviceAnnotations, loadBalancerIP: "10.1.0.9" }, {}, { preview });
    expect(made.data).toEqual({
      service: { metadata: { annotations: serviceAnnotations }, spec: { loadBalancerIP: "10.1.0.9" } },
    });
    expect(made.metadata["annotations"]).toEqual({
      "pulumi.com/waitFor": '["condition=Programmed","jsonpath={.status.addresses[?(@.value==\\"10.1.0.9\\")]}"]',
    });
  });

  it("of AKS has an internal one for some callers, and pods on nodes of their own", async () => {
    const serviceAnnotations = { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" };
    const service = { loadBalancerSourceRanges: ["10.0.0.0/8"], externalTrafficPolicy: "Local" };
    const pods = {
      nodeSelector: { "kubernetes.azure.com/mode": "system" },
      tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
      affinity: { podAntiAffinity: {} },
      priorityClassName: "system-cluster-critical",
    };
    const resources = { requests: { cpu: "200m" } };
    const made = await gatewayOf({ serviceAnnotations, ...service, ...pods, resources }, {}, { preview });
    expect(made.data).toEqual({
      service: { metadata: { annotations: serviceAnnotations }, spec: service },
      deployment: { spec: { template: { spec: { ...pods, containers: [{ name: "istio-proxy", resources }] } } } },
    });
  });

  it("hands its own labels and annotations on, which istiod would no longer copy", async () => {
    const nodePort = { address: "nodes.example.com", port: 31012 };
    const made = await gatewayOf(
      { annotations: { "example.com/a": "1" }, labels: { team: "b" } },
      { nodePort },
      { preview },
    );
    const reachedBy = {
      "networking.istio.io/service-type": "NodePort",
      "peering.solo.io/data-plane-service-type": "nodeport",
    };
    expect(made.spec["infrastructure"]).toEqual({
      annotations: { "example.com/a": "1", ...reachedBy },
      labels: { team: "b", ...ownLabels("a") },
      parametersRef,
    });
    expect(made.texts).toEqual({ service: '{"spec":{"type":"NodePort","ports":[{"port":15012,"nodePort":31012}]}}' });
  });

  it("has labels and annotations without parameters, and each of them alone", async () => {
    const labelled = await gatewayOf({ labels: { team: "b" } }, {}, { preview });
    expect(labelled.spec["infrastructure"]).toEqual({ labels: { team: "b", ...ownLabels("a") } });
    const annotated = await gatewayOf({ annotations: { a: "b" } }, {}, { preview });
    expect(annotated.spec["infrastructure"]).toEqual({ annotations: { a: "b" } });
    expect(annotated.all("ConfigMap")).toEqual([]);
  });

  it("has an autoscaler and a disruption budget beside it", async () => {
    const made = await gatewayOf(
      { autoscaling: { minReplicas: 2, maxReplicas: 5 }, podDisruptionBudget: { minAvailable: "50%" } },
      {},
      { preview },
    );
    const metadata = { name: "istio-eastwest", namespace: "istio-eastwest" };
    const specs = (kind: string) => made.all(kind).map(({ inputs }) => [inputs["metadata"], inputs["spec"]]);
    expect(specs("HorizontalPodAutoscaler")).toEqual([
      [
        metadata,
        {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "istio-eastwest" },
          minReplicas: 2,
          maxReplicas: 5,
          metrics: [
            { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
          ],
        },
      ],
    ]);
    const selector = { matchLabels: { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" } };
    expect(specs("PodDisruptionBudget")).toEqual([[metadata, { minAvailable: "50%", selector }]]);
    expect(made.spec["infrastructure"]).toBeUndefined();
  });
});

it("each cluster has its own, whichever way it is linked", async () => {
  const { all } = await peering({
    linkMethod: "chart",
    istioVersion: "1.29.0",
    repoKey: undefined,
    eastWestGateway: { replicas: 2 },
    clusters: [kwok("a"), kwok("b", { eastWestGateway: { replicas: 3 } })],
  });
  const replicas = (one: Recorded) => JSON.parse(String((one.inputs["data"] as Inputs)["deployment"])) as unknown;
  expect(all("ConfigMap").map((one) => [clusterOf(one), replicas(one)])).toEqual([
    ["a", { spec: { replicas: 2 } }],
    ["b", { spec: { replicas: 3 } }],
  ]);
  const [release] = all("Release").filter(({ inputs }) => inputs["name"] === "peering-remote");
  expect(release?.inputs["values"]).toMatchObject({ eastwest: { create: false } });
});

it("what it has is among the objects that may already be in a cluster", () => {
  const given = parse({
    clusters: [existing("a")],
    eastWestGateway: { replicas: 2, podDisruptionBudget: { minAvailable: 1 } },
  });
  const scaled = parse({ clusters: [existing("a")], eastWestGateway: { autoscaling: { maxReplicas: 3 } } });
  const kinds = (settings: typeof given) =>
    settings.clusters.flatMap((cluster) => peeringObjects(settings, cluster).map(({ kind }) => kind));
  expect(kinds(given)).toEqual(["Gateway", "ConfigMap", "PodDisruptionBudget"]);
  expect(kinds(scaled)).toEqual(["Gateway", "HorizontalPodAutoscaler"]);
});

it("a kwok cluster gives a fixed address to a Gateway that has another one, and else does as ever", () => {
  expect(meshStages("10.1.0.9", true)).toContain(
    'select( any( .status.addresses[]?; .value == \\"10.1.0.9\\" ) ) | .status.conditions[]?',
  );
  expect(meshStages("10.1.0.9")).toContain(".metadata.generation as $latest | [ .status.conditions[]? | select(");
});
