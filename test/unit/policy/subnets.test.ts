import { describe, expect, it } from "vitest";
import { subnets as rule } from "../../../policy/rules/subnets";
import { against, resource, unknown } from "./resources";

const kind = (pods: string, services: string) =>
  `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnetworking:\n  podSubnet: ${pods}\n  serviceSubnet: ${services}\n`;
const command = (name: string, stdin: string) =>
  resource("command:local:Command", name, { create: "kind create cluster --config -", stdin });

describe("subnets", () => {
  it("holds where none overlaps another, and where none is known", () => {
    const clusters = [
      command("a", kind("10.10.0.0/16", "10.255.10.0/24")),
      command("b", kind("10.20.0.0/16,fd00:20::/64", "10.255.20.0/24")),
      resource("command:local:Command", "routes", {
        create: "ip route replace",
        stdin: "a 10.10.0.0/16 b 10.20.0.0/16",
      }),
      resource("gcp:container/cluster:Cluster", "c", { clusterIpv4Cidr: unknown }),
      resource("gcp:container/cluster:Cluster", "d", { clusterIpv4Cidr: unknown }),
    ];
    expect(against(rule, clusters)).toEqual([]);
  });

  it.each([
    ["the same twice", "10.10.0.0/16", "10.255.20.0/24", "pod subnet of b, 10.10.0.0/16, overlaps the pod subnet of a"],
    ["one inside another", "10.10.128.0/24", "10.255.20.0/24", "pod subnet of b, 10.10.128.0/24"],
    [
      "services in another's pods",
      "10.20.0.0/16",
      "10.10.1.0/24",
      "service subnet of b, 10.10.1.0/24, overlaps the pod subnet of a",
    ],
    [
      "services in the own pods",
      "10.20.0.0/16",
      "10.20.1.0/24",
      "service subnet of b, 10.20.1.0/24, overlaps the pod subnet of b",
    ],
  ])("sees %s", (_what, pods, services, message) => {
    expect(
      against(rule, [command("a", kind("10.10.0.0/16", "10.255.10.0/24")), command("b", kind(pods, services))]),
    ).toEqual([expect.stringContaining(message)]);
  });

  it("reads scripts, JSON, kwok's flags and what clouds say", () => {
    const script = resource("command:local:Command", "a", {
      create: `cat <<E | kind create cluster --config -\n${kind("10.10.0.0/16", "10.96.0.0/16")}`,
    });
    const json = command(
      "b",
      JSON.stringify({
        kind: "Cluster",
        apiVersion: "kind.x-k8s.io/v1alpha4",
        networking: { podSubnet: "10.10.0.0/16" },
      }),
    );
    const kwok = command(
      "c",
      `${JSON.stringify({ apiVersion: "config.kwok.x-k8s.io/v1alpha1", componentsPatches: [{ extraArgs: [{ key: "cluster-cidr", value: "10.10.0.0/16" }] }] })}\n---\n{}`,
    );
    const gke = resource("gcp:container/cluster:Cluster", "d", {
      ipAllocationPolicy: { clusterIpv4CidrBlock: "10.10.0.0/16" },
    });
    const aks = resource("azure-native:containerservice:ManagedCluster", "e", {
      networkProfile: { podCidr: "10.10.0.0/16" },
    });
    const k3s = resource("command:remote:Command", "f", { create: "curl … | sh -s - --cluster-cidr=10.10.0.0/16" });
    expect(against(rule, [script, json, kwok, gke, aks, k3s])).toHaveLength(15);
  });

  it.each([
    ["OpenShift", "x:index/cluster:Cluster", { clusterNetwork: [{ clusterSubnet: "10.10.0.0/16" }] }],
    ["Oracle", "oci:ContainerEngine/cluster:Cluster", { options: { networkConfig: { podsCidr: "10.10.0.0/16" } } }],
    ["a load balancer's", "x:index/cluster:Cluster", { kube: { service_cluster_ip_range: "10.10.0.0/16" } }],
  ])("knows the name of %s", (_what, type, inputs) => {
    expect(
      against(rule, [command("a", kind("10.10.0.0/16", "10.96.0.0/16")), resource(type, "b", inputs)]),
    ).toHaveLength(1);
  });

  it("takes a cluster's further servers for what they are", () => {
    const server = (name: string, more: string) =>
      resource("command:remote:Command", name, {
        create: `curl -sfL https://get.k3s.io | sh -s - server --cluster-cidr=10.10.0.0/16 ${more}`,
      });
    expect(against(rule, [server("a", "--cluster-init"), server("b", "--server https://a:6443")])).toEqual([]);
    expect(against(rule, [server("a", "--cluster-init"), server("b", "--cluster-init")])).toHaveLength(1);
  });

  it("takes a stack's outputs for the clusters that it has not made", () => {
    const outputs = (pods: string) => ({ clusters: { a: { podSubnet: "10.10.0.0/16" }, b: { podSubnet: pods } } });
    const stack = (pods: string) => resource("pulumi:pulumi:Stack", "s", {}, { outputs: outputs(pods) });
    expect(against(rule, [stack("10.20.0.0/16")])).toEqual([]);
    expect(against(rule, [stack("10.10.3.0/24")])).toHaveLength(1);
    // Told once, of what was made as well.
    const made = [
      command("a", kind("10.10.0.0/16", "10.255.0.0/24")),
      command("b", kind("10.20.0.0/16", "10.254.0.0/24")),
    ];
    expect(against(rule, [...made, stack("10.20.0.0/16")])).toEqual([]);
  });
});
