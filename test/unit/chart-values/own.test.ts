import { describe, expect, it } from "vitest";
import { type ChartName } from "../../../settings";
import { type LayeredValue, merged, ownValues, valuesOf } from "../../../chart-values";
import { existing, kind, kwok, parse, stack } from "../settings/config";
import { parseSettings } from "../../../settings";

/** The values that settings give a chart of cluster a. */
function given(chart: ChartName, settings: Record<string, unknown>): Record<string, unknown> {
  return valuesOf(merged(ownValues(parse(settings), "a")[chart]));
}

function origins(values: readonly LayeredValue[]): Record<string, string> {
  return Object.fromEntries(values.map(({ path, origin }) => [path.join("."), origin]));
}

describe("settings without anything for charts", () => {
  it("change no value", () => {
    expect(Object.values(ownValues(parse(), "a")).flat()).toEqual([]);
  });
});

describe("short settings", () => {
  it("fix istiod's replicas, or scale it by load", () => {
    expect(given("istiod", { istiod: { replicas: 3 } })).toEqual({ replicaCount: 3, autoscaleEnabled: false });
    expect(
      given("istiod", {
        istiod: { autoscaling: { minReplicas: 2, maxReplicas: 9, targetCPUUtilizationPercentage: 60 } },
      }),
    ).toEqual({
      autoscaleEnabled: true,
      autoscaleMin: 2,
      autoscaleMax: 9,
      cpu: { targetAverageUtilization: 60 },
    });
  });

  it("have a cluster's scaling in place of the stack's", () => {
    const clusters = [kind("a", { istiod: { autoscaling: { minReplicas: 2, maxReplicas: 4 } } })];
    expect(given("istiod", { clusters, istiod: { replicas: 3 } })).toMatchObject({
      autoscaleEnabled: true,
      autoscaleMin: 2,
    });
    const fixed = [kind("a", { istiod: { replicas: 3 } })];
    expect(given("istiod", { clusters: fixed, istiod: { autoscaling: { maxReplicas: 4 } } })).toMatchObject({
      autoscaleEnabled: false,
      replicaCount: 3,
    });
  });

  it("have a cluster's disruption budget in place of the stack's, whichever way each is put", () => {
    const clusters = [kind("a", { istiod: { podDisruptionBudget: { minAvailable: 2 } } })];
    expect(given("istiod", { clusters, istiod: { podDisruptionBudget: { maxUnavailable: "50%" } } })).toEqual({
      global: { defaultPodDisruptionBudget: { enabled: true } },
      pdb: { minAvailable: 2 },
    });
  });

  it("say what pods need and where they run", () => {
    const pods = {
      resources: { requests: { cpu: 2, memory: "4Gi" } },
      nodeSelector: { "kubernetes.io/arch": "arm64" },
      tolerations: [{ key: "dedicated", operator: "Exists" }],
      affinity: { nodeAffinity: {} },
    };
    expect(given("istiod", { istiod: { ...pods, priorityClassName: "system-cluster-critical" } })).toEqual({
      ...pods,
      global: { priorityClassName: "system-cluster-critical" },
    });
    expect(given("ztunnel", { ztunnel: pods })).toEqual(pods);
    const { nodeSelector, ...everywhere } = pods;
    expect(given("cni", { cni: everywhere })).toEqual(everywhere);
  });

  it("say where nodes keep CNI plugins", () => {
    const cni = { binDir: "/b", confDir: "/c", confFileName: "10-x.conflist", netnsDir: "/n" };
    expect(given("cni", { cni })).toEqual({
      cniBinDir: "/b",
      cniConfDir: "/c",
      cniConfFileName: "10-x.conflist",
      cniNetnsDir: "/n",
    });
  });

  it("give istiod a proxy, by which it reaches nothing of the clusters", () => {
    const clusters = [
      kwok("a"),
      existing("b", { podSubnet: "10.9.0.0/16", apiServer: "https://api.b.example.com:6443" }),
    ];
    const httpProxy = { https: "http://proxy:3128", noProxy: [".corp", "localhost"] };
    expect(
      given("istiod", { clusters, httpProxy, distribution: "community", license: undefined, repoKey: undefined }),
    ).toEqual({
      env: {
        HTTPS_PROXY: "http://proxy:3128",
        NO_PROXY:
          "$(KUBERNETES_SERVICE_HOST),localhost,127.0.0.1,.svc,.cluster.local,10.10.0.0/16,10.255.10.0/24,10.9.0.0/16," +
          "api.b.example.com,.corp",
      },
    });
  });

  it("switch access logs on and off, and choose how lines are written", () => {
    expect(given("istiod", { accessLogs: false })).toEqual({ meshConfig: { accessLogFile: "" } });
    expect(given("ztunnel", { accessLogs: false })).toEqual({
      logLevel: "info,access=off",
      l7Telemetry: { accessLog: { enabled: false } },
    });
    expect(given("istiod", { accessLogs: { encoding: "json" } })).toEqual({
      meshConfig: { accessLogFile: "/dev/stdout", accessLogEncoding: "JSON" },
    });
    expect(given("ztunnel", { accessLogs: { encoding: "json" } })).toMatchObject({ logLevel: "info", logAsJson: true });
  });

  it("send traces to a collector", () => {
    expect(given("istiod", { tracing: { service: "otel.obs.svc.cluster.local", sampling: 5 } })).toEqual({
      meshConfig: {
        enableTracing: true,
        extensionProviders: [
          { name: "flatmesh-tracing", opentelemetry: { service: "otel.obs.svc.cluster.local", port: 4317 } },
        ],
        defaultProviders: { tracing: ["flatmesh-tracing"] },
        defaultConfig: { tracing: { sampling: 5 } },
      },
    });
  });
});

describe("what settings say", () => {
  const settings = {
    clusters: [
      kind("a", { istiod: { replicas: 3 }, values: { istiod: { podLabels: { two: "cluster" } } } }),
      kind("b"),
    ],
    istiod: { replicas: 2, resources: { requests: { cpu: "1" } } },
    values: { istiod: { podLabels: { one: "stack", two: "stack" }, resources: { requests: { memory: "1Gi" } } } },
  };

  it("is put over one another from the stack to the cluster, short settings before values", () => {
    const [a, b] = ["a", "b"].map((name) => merged(ownValues(parse(settings), name).istiod));
    expect(valuesOf(a ?? [])).toEqual({
      replicaCount: 3,
      autoscaleEnabled: false,
      resources: { requests: { cpu: "1", memory: "1Gi" } },
      podLabels: { one: "stack", two: "cluster" },
    });
    expect(valuesOf(b ?? [])).toMatchObject({ replicaCount: 2, podLabels: { one: "stack", two: "stack" } });
    expect(origins(a ?? [])).toEqual({
      replicaCount: "clusters[0].istiod.replicas",
      autoscaleEnabled: "clusters[0].istiod.replicas",
      "resources.requests.cpu": "istiod.resources",
      "resources.requests.memory": "values.istiod",
      "podLabels.one": "values.istiod",
      "podLabels.two": "clusters[0].values.istiod",
    });
  });

  it("is secret where it is encrypted", () => {
    const secretPaths = [
      ["values", "istiod", "env", "TOKEN"],
      ["httpProxy", "https"],
    ];
    const all = { httpProxy: { https: "http://u:p@proxy:1" }, values: { istiod: { env: { TOKEN: "hush", A: "a" } } } };
    const own = ownValues(parseSettings(stack(all), { secretPaths }), "a").istiod;
    expect(own.filter(({ secret }) => secret).map(({ path }) => path.join("."))).toEqual([
      "env.HTTPS_PROXY",
      "env.TOKEN",
    ]);
  });
});
