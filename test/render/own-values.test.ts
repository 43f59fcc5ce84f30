/**
 * What settings make of the charts: every short setting at once, and own values beside them, rendered with upstream's charts and
 * looked through as the preflight does it.
 *
 * These tests can't see Solo's charts, nor istiod reading its configuration.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import {
  fieldProblems,
  type KubernetesModels,
  repeatedVariables,
  requestsAboveLimits,
} from "../../preflight/chart-values/object-fields";
import { valuesOf } from "../../chart-values";
import { plannedReleases } from "../../components/planned-releases";
import { kind, parse } from "../unit/settings/config";
import { type Charts, openCharts } from "./charts";
import { identity, variable, type Workload } from "./objects";
import { render, type Rendering, settingsOf } from "./rendering";

const pods = {
  resources: { requests: { cpu: 2, memory: "3Gi" }, limits: { memory: "3Gi" } },
  tolerations: [{ key: "dedicated", operator: "Exists" }],
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "mesh", operator: "Exists" }] }],
      },
    },
  },
};

const settings = parse({
  distribution: "community",
  license: undefined,
  repoKey: undefined,
  istiod: {
    ...pods,
    nodeSelector: { infra: "true" },
    replicas: 3,
    podDisruptionBudget: { maxUnavailable: 1 },
    priorityClassName: "system-cluster-critical",
  },
  ztunnel: { ...pods, nodeSelector: { infra: "true" } },
  cni: { ...pods, binDir: "/b", confDir: "/c", confFileName: "10-c.conflist", netnsDir: "/n" },
  httpProxy: { http: "http://proxy:1", https: "http://proxy:2", noProxy: [".corp"] },
  accessLogs: { encoding: "json" },
  tracing: { service: "otel.observability.svc.cluster.local", sampling: 7 },
  values: { istiod: { podAnnotations: { "example.com/a": "b" } }, cni: { podLabels: { team: "mesh" } } },
  clusters: [
    kind("plain"),
    kind("other", {
      istiod: { autoscaling: { minReplicas: 2, maxReplicas: 7 }, podDisruptionBudget: { minAvailable: "50%" } },
      accessLogs: false,
      values: { ztunnel: { podAnnotations: { "example.com/a": "c" } } },
    }),
  ],
});

let charts: Charts;
let renderings: ReadonlyMap<string, Rendering>;
let models: KubernetesModels;
let ofProgram: readonly Rendering[];
beforeAll(async () => {
  charts = await openCharts(settings);
  renderings = await render(settings, charts);
  ofProgram = [...(await render(settingsOf("solo"), charts)).values()];
  models = await import("@kubernetes/client-node");
});
afterAll(() => charts.close());

function rendering(cluster: string): Rendering {
  const found = renderings.get(cluster);
  if (found === undefined) {
    throw new Error(`nothing is rendered for ${cluster}`);
  }
  return found;
}

function workload(cluster: string, name: string): Workload {
  const found = rendering(cluster).workloads.find(({ metadata }) => metadata.name === name);
  if (found === undefined) {
    throw new Error(`no ${name} in ${cluster}`);
  }
  return found;
}

describe("every short setting", () => {
  it("is a value that the charts know", () => {
    const own = plannedReleases({ ...settings, charts: "oci://charts.example.com" }).flatMap(({ chart, own }) =>
      chart === "peering" ? [] : own.map(({ path, origin }) => ({ chart, path, origin })),
    );
    expect(own.filter(({ chart, path }) => chart in charts && !charts[chart].knows(path))).toEqual([]);
    expect(own.length).toBeGreaterThan(40);
  });

  it("reaches the pods of its chart", () => {
    for (const name of ["istiod", "ztunnel", "istio-cni-node"]) {
      const { spec } = workload("plain", name).spec.template;
      const placed = { tolerations: expect.arrayContaining(pods.tolerations) as unknown, affinity: pods.affinity };
      expect(spec).toMatchObject({ ...placed, containers: [{ resources: pods.resources }] });
    }
    expect(workload("plain", "istiod").spec).toMatchObject({
      replicas: 3,
      template: { spec: { priorityClassName: "system-cluster-critical", nodeSelector: { infra: "true" } } },
    });
  });

  it("gives istiod a fixed number of pods or a scaler, and a budget", () => {
    const budget = (cluster: string) => find(cluster, "PodDisruptionBudget");
    expect(budget("plain")).toMatchObject({ spec: { maxUnavailable: 1 } });
    expect(budget("plain")).not.toMatchObject({ spec: { minAvailable: expect.anything() as unknown } });
    expect(find("plain", "HorizontalPodAutoscaler")).toBeUndefined();
    expect(budget("other")).toMatchObject({ spec: { minAvailable: "50%" } });
    expect(find("other", "HorizontalPodAutoscaler")).toMatchObject({ spec: { minReplicas: 2, maxReplicas: 7 } });
  });

  it("configures proxies, logs and traces", () => {
    expect(parseYaml(rendering("plain").text("istio", "mesh"))).toMatchObject({
      accessLogFile: "/dev/stdout",
      accessLogEncoding: "JSON",
      enableTracing: true,
      extensionProviders: [
        { name: "flatmesh-tracing", opentelemetry: { service: "otel.observability.svc.cluster.local", port: 4317 } },
      ],
      defaultProviders: { tracing: ["flatmesh-tracing"] },
      defaultConfig: { tracing: { sampling: 7 } },
      trustDomain: settings.trustDomain,
    });
    const istiod = workload("plain", "istiod");
    expect([variable(istiod, "HTTP_PROXY"), variable(istiod, "HTTPS_PROXY")]).toEqual([
      "http://proxy:1",
      "http://proxy:2",
    ]);
    expect(variable(istiod, "NO_PROXY")).toMatch(/^\$\(KUBERNETES_SERVICE_HOST\),.*,\.corp$/);
    const ztunnel = (cluster: string, name: string) => variable(workload(cluster, "ztunnel"), name);
    expect([ztunnel("plain", "LOG_FORMAT"), ztunnel("plain", "RUST_LOG")]).toEqual(["json", "info"]);
    expect(ztunnel("other", "RUST_LOG")).toBe("info,access=off");
  });

  it("makes nothing that Kubernetes would not take, on any platform, nor does what the program says itself", () => {
    const everywhere = [...renderings.values(), ...ofProgram];
    const objects = everywhere.flatMap((one) => one.objects);
    expect(objects.length).toBeGreaterThan(300);
    const found = objects.flatMap((object) =>
      [
        ...fieldProblems(models, object as object as Record<string, unknown>),
        ...repeatedVariables(object as object as Record<string, unknown>),
        ...requestsAboveLimits(object as object as Record<string, unknown>),
      ].map(({ text }) => `${identity(object)}: ${text}`),
    );
    expect([...new Set(found)]).toEqual([]);
  });
});

describe("own values", () => {
  it("are known where ztunnel's chart takes them for the top, and nowhere else", () => {
    expect(charts.ztunnel.knows(["global", "logLevel"])).toBe(true);
    expect(charts.istiod.knows(["global", "replicaCount"])).toBe(false);
    expect(charts.istiod.knows(["pilot", "replicaCount"])).toBe(true);
  });

  it("are beside the program's and the cluster's", () => {
    const annotated = (annotations: object) => ({ template: { metadata: { annotations } } });
    expect(workload("plain", "istiod").spec).toMatchObject(annotated({ "example.com/a": "b" }));
    const both = { "example.com/a": "c", "prometheus.io/port": "15020" };
    expect(workload("other", "ztunnel").spec).toMatchObject(annotated(both));
  });

  it("are what the releases have, and nothing else", () => {
    for (const release of plannedReleases({ ...settings, charts: "oci://charts.example.com" })) {
      const { chart, cluster, values } = release;
      if (chart !== "peering") {
        expect(rendering(cluster).values[chart]).toEqual(valuesOf(values));
      }
    }
  });
});

function find(cluster: string, kind: string): object | undefined {
  return rendering(cluster).objects.find((object) => object.kind === kind);
}
