/** What readiness/ knows of the charts, compared with what they make on every platform. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { permissionsIn } from "../../checks/precheck/rights";
import { ownValues, plannedWorkloads } from "../../chart-values";
import { chartObjects, defaultWorkloads, type Workload } from "../../readiness";
import { type Charts, openCharts } from "./charts";
import { kind, parse } from "../unit/settings/config";
import { identity } from "./objects";
import { distributions, render, type Rendering, settingsOf } from "./rendering";

describe.each(distributions)("an install of the %s distribution", (distribution) => {
  const settings = settingsOf(distribution);
  let charts: Charts;
  let renderings: ReadonlyMap<string, Rendering>;
  beforeAll(async () => {
    charts = await openCharts(settings);
    renderings = await render(settings, charts);
  });
  afterAll(() => charts.close());

  it("makes nothing that is not looked for among leftovers, but for definitions", () => {
    const known = new Set(chartObjects.map(({ kind, namespace, name }) => looked(kind, namespace, name)));
    const made = [...renderings.values()].flatMap(({ objects }) => objects);
    expect(made.length).toBeGreaterThan(100);
    const unknown = made
      .filter(({ kind }) => kind !== "CustomResourceDefinition")
      // Some of the charts name a namespace where Kubernetes has none.
      .filter(
        ({ kind, metadata: { namespace, name } }) =>
          ![looked(kind, namespace, name), looked(kind, undefined, name)].some((one) => known.has(one)),
      );
    expect([...new Set(unknown.map(identity))]).toEqual([]);
  });

  it.each([
    ["update", ["create", "update", "patch", "delete"]],
    ["preview", ["get", "list"]],
  ])("makes nothing that the role of rbac/%s.yaml has no rights to", (file, verbs) => {
    const granted = new Set(
      permissionsIn(`rbac/${file}.yaml`).map(({ verb, group, resource }) => `${verb} ${resource} ${group}`),
    );
    const made = [...renderings.values()].flatMap(({ objects, own }) => [...objects, ...own]);
    const kinds = new Map(made.map(({ apiVersion, kind }) => [kind, apiVersion]));
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(["ClusterRole", "DaemonSet", "Namespace"]));
    const missing = [...kinds].flatMap(([kind, apiVersion]) => {
      const [group = "", version] = apiVersion.split("/");
      const resource =
        kind === "NetworkAttachmentDefinition" ? "network-attachment-definitions" : `${kind.toLowerCase()}s`;
      const needed = verbs.map((verb) => `${verb} ${resource} ${version === undefined ? "" : group}`);
      return needed.filter((one) => !granted.has(one));
    });
    expect(missing).toEqual([]);
  });

  it("has the workloads that admission, quotas and limit ranges are judged for", () => {
    for (const rendering of renderings.values()) {
      expect(made(rendering)).toEqual(known(defaultWorkloads));
    }
  });
});

describe("what settings give the workloads", () => {
  const sizes = parse({
    distribution: "community",
    license: undefined,
    repoKey: undefined,
    istiod: { resources: { requests: { cpu: "200m" }, limits: { memory: "4Gi" } }, replicas: 2 },
    ztunnel: { nodeSelector: { mesh: "" } },
    values: {
      ztunnel: { resources: { limits: { cpu: 2 } }, global: { resources: { limits: { cpu: 3, memory: "1Gi" } } } },
    },
    clusters: [
      kind("short", {
        istiod: { resources: { requests: { cpu: 1 } }, replicas: 3, priorityClassName: "system-cluster-critical" },
        cni: { resources: { limits: { cpu: "150m" } } },
      }),
      kind("former", {
        istiod: { autoscaling: { minReplicas: 2, maxReplicas: 4 } },
        values: {
          istiod: { pilot: { resources: { requests: { memory: "3Gi" } } } },
          cni: { resources: null, cni: { resources: { requests: { memory: "64Mi" } } } },
        },
      }),
      kind("taken-away", {
        istiod: { priorityClassName: "first" },
        values: {
          istiod: {
            resources: null,
            autoscaleEnabled: true,
            autoscaleMin: 3,
            autoscaleMax: 0,
            global: { priorityClassName: "" },
          },
          cni: { resources: { requests: { cpu: 0 } }, global: { defaultResources: { requests: { cpu: "1" } } } },
          ztunnel: { resources: { requests: null } },
        },
      }),
      kind("defaults", {
        values: {
          istiod: { resources: null, global: { defaultResources: { limits: { cpu: "1" } } } },
          cni: { resources: null },
          ztunnel: { resources: null },
        },
      }),
    ],
  });
  let charts: Charts;
  let renderings: ReadonlyMap<string, Rendering>;
  beforeAll(async () => {
    charts = await openCharts(sizes);
    renderings = await render(sizes, charts);
  });
  afterAll(() => charts.close());

  it.each(sizes.clusters.map(({ name }) => name))("is what the charts make of it, in cluster %s", (name) => {
    const rendering = renderings.get(name);
    expect(rendering && made(rendering)).toEqual(known(plannedWorkloads(ownValues(sizes, name))));
  });
});

/** What readiness/ knows of the workloads, as the charts have made it. */
function made(rendering: Rendering): object[] {
  const scaled = rendering.all("HorizontalPodAutoscaler").map(({ spec }) => spec.minReplicas);
  return byName(
    rendering.workloads.map(({ kind, metadata, spec }) => {
      const { containers, volumes = [], nodeSelector = {}, priorityClassName } = spec.template.spec;
      const [container] = containers as unknown as readonly [Container];
      const { "kubernetes.io/os": _, ...selected } = nodeSelector;
      return {
        kind,
        name: metadata.name,
        pods: kind === "Deployment" ? (scaled[0] ?? spec.replicas ?? 1) : 1,
        nodeSelector: selected,
        resources: texts(container.resources ?? {}),
        priorityClassName,
        // Ports, paths and groups differ between platforms and versions, and nobody denies those.
        capabilities: container.securityContext?.capabilities,
        hostPaths: volumes.some(({ hostPath }) => hostPath !== undefined),
      };
    }),
  );
}

function known(workloads: readonly Workload[]): object[] {
  return byName(
    workloads.map(({ kind, name, pods, nodeSelector, requests, limits, ...workload }) => ({
      kind,
      name,
      pods,
      nodeSelector,
      resources: {
        ...(Object.keys(requests).length > 0 && { requests }),
        ...(Object.keys(limits).length > 0 && { limits }),
      },
      priorityClassName: workload.priorityClassName,
      capabilities: (workload.securityContext as Container["securityContext"])?.capabilities,
      hostPaths: workload.hostPaths.length > 0,
    })),
  );
}

function byName<One extends { readonly name: string }>(all: One[]): One[] {
  return all.sort((one, other) => one.name.localeCompare(other.name));
}

/** YAML has numbers, too. */
function texts(resources: Readonly<Record<string, object>>): object {
  return Object.fromEntries(
    Object.entries(resources).map(([kind, amounts]) => [
      kind,
      Object.fromEntries(Object.entries(amounts).map(([resource, amount]) => [resource, String(amount)])),
    ]),
  );
}

interface Container {
  readonly resources?: Readonly<Record<string, object>> | null;
  readonly securityContext?: { readonly capabilities?: object };
}

function looked(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? ""}/${name}`;
}
