import { describe, expect, it } from "vitest";
import { inside, targetCluster } from "../../../../components/clusters";
import { DemoApp, type DemoAppArgs } from "../../../../components/demo";
import { kind, parse } from "../../settings/config";
import { type Inputs, run } from "../mocks";
import { clustersOf } from "../preflight";

describe.each([false, true])("the demo, preview %s", (preview) => {
  it("stands in an ambient namespace", async () => {
    const { one } = await demo({}, preview);
    expect(one("Namespace").inputs["metadata"]).toEqual({
      name: "demo",
      labels: { "istio.io/dataplane-mode": "ambient" },
    });
  });

  it("has two pods of the global service, which answer with their version", async () => {
    const { one } = await demo({ version: "v3" }, preview);
    expect(one("Deployment", "global-service").inputs).toMatchObject({
      metadata: { name: "global-service", namespace: "demo", labels: { app: "global-service", version: "v3" } },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "global-service" } },
        template: {
          metadata: { labels: { app: "global-service", version: "v3" } },
          spec: {
            containers: [{ env: [{ name: "SERVICE_VERSION", value: "v3" }], ports: [{ containerPort: 5000 }] }],
          },
        },
      },
    });
  });

  it("has a client with an account of its own, as a workload's identity wants one", async () => {
    const { one } = await demo({}, preview);
    expect(one("ServiceAccount", "sleep").inputs["metadata"]).toMatchObject({ name: "sleep", namespace: "demo" });
    expect(one("Deployment", "sleep").inputs).toMatchObject({
      metadata: { name: "sleep", namespace: "demo" },
      spec: {
        template: {
          metadata: { labels: { app: "sleep" } },
          spec: { serviceAccountName: "sleep", containers: [{ command: ["/bin/sleep", "infinity"] }] },
        },
      },
    });
  });
});

describe("the global service", () => {
  it.each<[DemoAppArgs["distribution"], Record<string, string>]>([
    ["solo", { "solo.io/service-scope": "global" }],
    ["community", { "istio.io/global": "true" }],
  ])("is global in the words of %s alone", async (distribution, label) => {
    const { one } = await demo({ distribution });
    expect(one("Service", "global-service").inputs).toMatchObject({
      spec: { ports: [{ name: "http", port: 5000, targetPort: 5000 }], selector: { app: "global-service" } },
    });
    const { labels } = one("Service", "global-service").inputs["metadata"] as { labels: object };
    expect(labels).toEqual({ app: "global-service", ...label });
  });
});

describe("sidecars", () => {
  it("are left out unless they are asked for", async () => {
    const { resources } = await demo({});
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.filter(({ inputs }) => JSON.stringify(inputs).includes("sidecar"))).toEqual([]);
  });

  it("are a second service and client, whose pods ztunnel leaves alone", async () => {
    const { all, one } = await demo({ sidecars: true });
    expect(all("Deployment").map(({ inputs }) => (inputs["metadata"] as Inputs)["name"])).toEqual([
      "global-service",
      "global-service-sidecar",
      "sleep",
      "sleep-sidecar",
    ]);
    const sidecar = { "sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none" };
    expect(one("Deployment", "global-service-sidecar").inputs).toMatchObject({
      spec: {
        selector: { matchLabels: { app: "global-service-sidecar" } },
        template: { metadata: { labels: { app: "global-service-sidecar", version: "v1", ...sidecar } } },
      },
    });
    expect(one("Deployment", "sleep-sidecar").inputs).toMatchObject({
      spec: { template: { metadata: { labels: { app: "sleep-sidecar", ...sidecar } } } },
    });
    expect(one("Service", "global-service-sidecar").inputs).toMatchObject({
      metadata: { labels: { "solo.io/service-scope": "global" } },
      spec: { selector: { app: "global-service-sidecar" } },
    });
    expect(JSON.stringify(one("Deployment", "sleep").inputs)).not.toContain("sidecar.istio.io");
  });
});

describe("every workload", () => {
  it("has a pinned image, and its pods are those that its Service and Deployment select", async () => {
    const { all } = await demo({ sidecars: true });
    for (const { inputs } of all("Deployment")) {
      const { selector, template } = inputs["spec"] as Workload;
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      expect(template.spec.containers.map(({ image }) => image)).toEqual([
        expect.stringMatching(/^[a-z0-9.]+\/[a-z0-9./-]+:(?!latest)[\w.-]+$/),
      ]);
    }
    expect(all("Service")).toHaveLength(4);
  });

  it("is in the cluster that it is made for", async () => {
    const { resources, value } = await demo({ sidecars: true });
    const kubernetes = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(new Set(kubernetes.map(({ provider }) => provider))).toEqual(new Set([value]));
    expect(kubernetes).toHaveLength(11);
  });
});

interface Workload {
  readonly selector: { readonly matchLabels: object };
  readonly template: {
    readonly metadata: { readonly labels: object };
    readonly spec: { readonly containers: readonly { readonly image: string }[] };
  };
}

/** The demo in one cluster. Resources can be asked for by the name of their object. */
async function demo(args: Partial<DemoAppArgs>, preview = false) {
  const result = await run(
    () => {
      const [cluster] = clustersOf(parse({ clusters: [kind("a")] }));
      if (cluster === undefined) {
        throw new Error("no cluster");
      }
      const defaults = { distribution: "solo", version: "v1", sidecars: false } as const;
      const name = `${cluster.namePrefix}-demo`;
      new DemoApp(name, { ...targetCluster(cluster), ...defaults, ...args }, inside(cluster));
      return cluster.namePrefix;
    },
    { preview },
  );
  const one = (type: string, object?: string) => result.one(type, object && `${result.value}-${object}`);
  return { ...result, one };
}
