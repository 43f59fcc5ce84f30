/** What readiness/ knows of the charts, compared with what they make on every platform. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { permissionsIn } from "../../checks/precheck/rights";
import { chartObjects } from "../../readiness";
import { workloads } from "../../readiness/workloads";
import { type Charts, openCharts } from "./charts";
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
      const made = rendering.workloads.map(({ kind, metadata, spec }) => {
        const [container] = spec.template.spec.containers as unknown as readonly [Container];
        const volumes = spec.template.spec.volumes ?? [];
        return {
          kind,
          name: metadata.name,
          resources: container.resources,
          priorityClassName: spec.template.spec.priorityClassName,
          // Ports, paths and groups differ between platforms and versions, and nobody denies those.
          capabilities: container.securityContext?.capabilities,
          hostPaths: volumes.some(({ hostPath }) => hostPath !== undefined),
        };
      });
      const known = workloads.map((workload) => ({
        kind: workload.kind,
        name: workload.name,
        resources: { requests: workload.requests },
        priorityClassName: workload.priorityClassName,
        capabilities: (workload.securityContext as Container["securityContext"])?.capabilities,
        hostPaths: workload.hostPaths.length > 0,
      }));
      const byName = (one: { readonly name: string }, other: { readonly name: string }) =>
        one.name.localeCompare(other.name);
      expect(made.sort(byName)).toEqual([...known].sort(byName));
    }
  });
});

interface Container {
  readonly resources: object;
  readonly securityContext?: { readonly capabilities?: object };
}

function looked(kind: string, namespace: string | undefined, name: string): string {
  return `${kind} ${namespace ?? ""}/${name}`;
}
