import { join } from "node:path";
import { Console } from "../../../rehearsal/console";
import { provideIstioCharts } from "../../../rehearsal/tools";
import type { Environment } from "../environment";
import { changed, type Fault, patched } from "./fault";

const istiod = ["cluster-2", "deployment", "istiod", "istio-system"] as const;
const withEnv = (name: string, value: string | undefined): Pick<Fault, "breaks" | "mends"> =>
  changed(istiod, (environment) => {
    environment.strategicPatch("cluster-2", ["deployment", "istiod", "istio-system"], {
      spec: {
        template: {
          spec: {
            containers: [
              { name: "discovery", env: [value === undefined ? { name, $patch: "delete" } : { name, value }] },
            ],
          },
        },
      },
    });
  });

/** istiod's release upgraded by hand, as the check advises. */
function upgraded(...values: readonly string[]) {
  return async (environment: Environment): Promise<void> => {
    const { labels } = environment.get("cluster-2", "deployment", "istiod", "istio-system").metadata;
    const chart = labels?.["helm.sh/chart"] ?? "";
    const charts = await provideIstioCharts(chart.replace(/^istiod-/, ""), new Console());
    const set = values.flatMap((value) => ["--set", value]);
    environment.helm(
      "cluster-2",
      ...["upgrade", "istiod", join(charts, `${chart}.tgz`), "--namespace=istio-system", "--reuse-values", ...set],
    );
  };
}

/** What a cluster can lack before any peer comes in. */
export const foundationFaults: readonly Fault[] = [
  {
    check: "trusted-node-accounts",
    fault: "a ztunnel that is expected in another namespace",
    command: true,
    breaks: upgraded("trustedZtunnelNamespace=kube-system"),
    mends: upgraded("trustedZtunnelNamespace=istio-system", "trustedZtunnelName=ztunnel"),
    message: /has CA_TRUSTED_NODE_ACCOUNTS "kube-system\/ztunnel", without istio-system\/ztunnel/,
  },
  {
    check: "istiod-environment",
    fault: "no flat networks",
    command: true,
    ...withEnv("PEERING_ENABLE_FLAT_NETWORKS", undefined),
    message: /has PEERING_ENABLE_FLAT_NETWORKS not set; it must be true: otherwise calls go through gateways/,
  },
  {
    check: "istiod-environment",
    fault: "peering switched off",
    ...withEnv("ENABLE_PEERING_DISCOVERY", "false"),
    message: /has ENABLE_PEERING_DISCOVERY "false"/,
  },
  {
    check: "istiod-environment",
    fault: "no workload entries",
    command: true,
    ...withEnv("K8S_SELECT_WORKLOAD_ENTRIES", "false"),
    message: /has K8S_SELECT_WORKLOAD_ENTRIES "false"; it must be true, or not set/,
  },
  {
    check: "istiod-environment",
    fault: "a root that can't be replaced",
    command: true,
    ...withEnv("ISTIO_MULTIROOT_MESH", undefined),
    status: "warning" as const,
    message: /does not have ISTIO_MULTIROOT_MESH=true/,
  },
  {
    check: "license",
    fault: "a licence that has ended",
    ...withEnv("SOLO_LICENSE_KEY", `e30.${Buffer.from('{"exp":1700000000}').toString("base64url")}.x`),
    message: /the licence of Deployment istio-system\/istiod \(SOLO_LICENSE_KEY\) expired on 2023-11-14/,
  },
  {
    check: "dns-capture",
    fault: "no DNS capture",
    command: true,
    ...patched(
      ["cluster-2", "configmap", "istio-cni-config", "istio-system"],
      { data: { AMBIENT_DNS_CAPTURE: "false" } },
      { data: { AMBIENT_DNS_CAPTURE: "true" } },
    ),
    message: /has AMBIENT_DNS_CAPTURE "false"; it must be "true"/,
  },
  {
    check: "pods",
    fault: "no pods of istiod",
    command: true,
    breaks: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.kubectl("cluster-2", "scale", "deployment/istiod", "--replicas=0", "--namespace=istio-system");
      environment.kubectl(
        "cluster-2",
        "wait",
        "pod",
        "--selector=app=istiod",
        "--for=delete",
        "--namespace=istio-system",
      );
    },
    mends: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.kubectl("cluster-2", "scale", "deployment/istiod", "--replicas=1", "--namespace=istio-system");
      environment.kubectl("cluster-2", "rollout", "status", "deployment/istiod", "--namespace=istio-system");
    },
    message: /istiod: Deployment istio-system\/istiod has no pods/,
  },
  {
    check: "subnets",
    fault: "a node with a subnet of the other cluster",
    breaks: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.apply("cluster-2", {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "stranger", annotations: { "kwok.x-k8s.io/node": "fake" } },
        spec: { podCIDR: "10.10.0.0/24", podCIDRs: ["10.10.0.0/24"], unschedulable: true },
      });
    },
    mends: (environment: Parameters<Fault["breaks"]>[0]) => {
      environment.kubectl("cluster-2", "delete", "node", "stranger");
    },
    message: /a node has 10.10.0.0\/24 for its pods, outside the cluster's 10.20.0.0\/16/,
  },
].map((fault) => ({ cluster: "cluster-2", ...fault }));
