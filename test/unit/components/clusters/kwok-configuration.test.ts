import { describe, expect, it } from "vitest";
import { kwokInput } from "../../../../components/clusters/kwok-configuration";
import { kwokSettings } from "./settings";

interface Item {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

describe("what a kwok cluster is made from", () => {
  it("is two documents that kwok-create.sh can tell apart by line", () => {
    const text = kwokInput({ ...kwokSettings(), clusterName: "a" });
    expect(text.split("\n")).toHaveLength(4);
    expect(text.split("\n")[1]).toBe("---");
  });

  it("has the subnets, no webhooks, which no pod would answer, and a store that waits for no disk", () => {
    const [configuration] = documents(kwokSettings());
    expect(configuration).toEqual({
      apiVersion: "config.kwok.x-k8s.io/v1alpha1",
      kind: "KwokctlConfiguration",
      options: { bindAddress: "127.0.0.1", disableQPSLimits: true, enableCRDs: ["Stage"] },
      componentsPatches: [
        { name: "etcd", extraArgs: [{ key: "unsafe-no-fsync", value: "true" }] },
        {
          name: "kube-apiserver",
          extraArgs: [
            { key: "service-cluster-ip-range", value: "10.255.10.0/24" },
            { key: "disable-admission-plugins", value: "MutatingAdmissionWebhook,ValidatingAdmissionWebhook" },
          ],
        },
        { name: "kube-controller-manager", extraArgs: [{ key: "cluster-cidr", value: "10.10.0.0/16" }] },
      ],
    });
  });

  it("names nodes as kind does, each with a /24 of the pod subnet", () => {
    const nodes = items({ controlPlanes: 2, workers: 2 }).filter(({ kind }) => kind === "Node");
    expect(nodes.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ["a-control-plane", { podCIDR: "10.10.0.0/24", podCIDRs: ["10.10.0.0/24"] }],
      ["a-control-plane2", { podCIDR: "10.10.1.0/24", podCIDRs: ["10.10.1.0/24"] }],
      ["a-worker", { podCIDR: "10.10.2.0/24", podCIDRs: ["10.10.2.0/24"] }],
      ["a-worker2", { podCIDR: "10.10.3.0/24", podCIDRs: ["10.10.3.0/24"] }],
    ]);
  });

  it("has the Stages that make nodes and pods look alive", () => {
    const stages = items({}).filter(({ kind }) => kind === "Stage");
    expect(stages.map(({ metadata }) => metadata.name)).toEqual([
      "node-ready",
      "pod-running",
      "job-pod-succeeded",
      "pod-deleted",
    ]);
  });

  it("has the kind that Istio's CNI chart needs on OpenShift, and there alone", () => {
    const definitions = (changes: Parameters<typeof kwokSettings>[0]) =>
      items(changes).filter(({ kind }) => kind === "CustomResourceDefinition");
    expect(definitions({ platform: "openshift" }).map(({ metadata }) => metadata.name)).toEqual([
      "network-attachment-definitions.k8s.cni.cncf.io",
    ]);
    expect(definitions({})).toEqual([]);
  });
});

function documents(settings: ReturnType<typeof kwokSettings>): unknown[] {
  return kwokInput({ ...settings, clusterName: settings.name })
    .split("\n---\n")
    .map((text): unknown => JSON.parse(text));
}

function items(changes: Parameters<typeof kwokSettings>[0]): readonly Item[] {
  return (documents(kwokSettings(changes))[1] as { items: Item[] }).items;
}
