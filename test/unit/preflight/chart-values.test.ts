import { beforeAll, describe, expect, it } from "vitest";
import { knows, nearestKnown } from "../../../preflight/chart-values/chart";
import { judgeRelease, together } from "../../../preflight/chart-values/judge";
import {
  fieldProblems,
  type KubernetesModels,
  repeatedVariables,
  requestsAboveLimits,
} from "../../../preflight/chart-values/object-fields";
import { type PlannedRelease, plannedReleases } from "../../../components/planned-releases";
import { parse } from "../settings/config";

const chart = {
  defaults: { replicaCount: 1, resources: { requests: { cpu: "1" } }, podLabels: {}, meshConfig: { a: 1 } },
  templates:
    '{{ toYaml .Values.affinity | indent 2 }} {{ if .Values.global }} {{ .Values.global.tag }} {{ .Values.terminationMessagePolicy }} {{ index $.Values "pilot" }}',
};

describe("values that a chart knows", () => {
  it.each([
    ["replicaCount"],
    ["resources.requests.cpu"],
    ["podLabels.example.com/team"],
    ["meshConfig.anything.at.all"],
    ["global.tag"],
    ["terminationMessagePolicy"],
    ["pilot.replicaCount"],
    ["affinity.nodeAffinity.whatever"],
  ])("are %s", (path) => {
    expect(knows(chart, path.split("."))).toBe(true);
  });

  it.each([
    ["replicaCont", "replicaCount"],
    ["replicacount", "replicaCount"],
    ["resources.request.cpu", "resources.requests"],
    ["terminationMessagePolice", "terminationMessagePolicy"],
    ["global.tags", "global.tag"],
    ["somethingElse", undefined],
  ])("are not %s, but perhaps %s", (path, nearest) => {
    expect(knows(chart, path.split("."))).toBe(false);
    expect(nearestKnown(chart, path.split("."))).toBe(nearest);
  });
});

describe("fields of objects", () => {
  let models: KubernetesModels;
  beforeAll(async () => {
    models = await import("@kubernetes/client-node");
  });

  const deployment = (spec: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "a" }, spec });
  const pod = (spec: object) => deployment({ template: { spec } });

  it.each([
    [deployment({ replicas: "two" }), [true, "spec.replicas is a string and has to be a number"]],
    [pod({ nodeSelector: ["a"] }), [true, "spec.template.spec.nodeSelector is a list and has to be a map"]],
    [pod({ tolerations: {} }), [true, "spec.template.spec.tolerations is a map and has to be a list"]],
    [
      pod({ tolerations: [{ efect: "NoSchedule" }] }),
      [false, "spec.template.spec.tolerations[0].efect is no field; did you mean effect?"],
    ],
    [
      pod({ containers: [{ name: "c", resources: { requests: { cpu: "1x" } } }] }),
      [true, "spec.template.spec.containers[0].resources.requests.cpu is no quantity, such as 500m or 2Gi"],
    ],
    [
      deployment({ template: { metadata: { annotations: { "example.com/a": 5 } } } }),
      [true, 'spec.template.metadata.annotations["example.com/a"] is a number and has to be a string'],
    ],
    [
      pod({ containers: [{ name: "c", env: [{ name: "A", value: true }] }] }),
      [true, "spec.template.spec.containers[0].env[0].value is a boolean and has to be a string"],
    ],
  ])("are told where %j has others than Kubernetes takes", (object, [refused, text]) => {
    expect(fieldProblems(models, object)).toEqual([{ refused, text }]);
  });

  it.each([
    [pod({ containers: [{ name: "c", resources: { limits: { cpu: 2, memory: "1Gi" } }, env: null }] })],
    [deployment({ strategy: { rollingUpdate: { maxSurge: "100%", maxUnavailable: 1 } } })],
    [{ apiVersion: "example.com/v1", kind: "Anything", spec: { a: 1 } }],
    [{ kind: "Deployment" }],
  ])("are right in %j", (object) => {
    expect(fieldProblems(models, object)).toEqual([]);
  });

  it("can be a variable that the chart sets already", () => {
    const env = [{ name: "CLUSTER_ID" }, { name: "A" }, { name: "CLUSTER_ID" }];
    expect(repeatedVariables(pod({ containers: [{ name: "discovery", env }] }))).toEqual([
      { refused: true, text: "container discovery has the variable CLUSTER_ID twice" },
    ]);
  });
});

describe("amounts of containers", () => {
  const container = (resources: object | null) => ({
    kind: "Deployment",
    spec: { template: { spec: { containers: [{ name: "discovery", resources }] } } },
  });

  it("are told where a request, such as the chart's own, is above the limit of the settings", () => {
    const resources = { requests: { cpu: "500m", memory: "2048Mi" }, limits: { cpu: 0.2, memory: "2Gi" } };
    expect(requestsAboveLimits(container(resources))).toEqual([
      { refused: true, text: "container discovery requests more cpu than its limit" },
    ]);
  });

  it.each([
    [null],
    [{ requests: { cpu: "500m" } }],
    [{ limits: { cpu: 1 } }],
    [{ requests: null, limits: { cpu: 1 } }],
  ])("are right in %j", (resources) => {
    expect(requestsAboveLimits(container(resources))).toEqual([]);
  });
});

describe("what is said of values", () => {
  function release(settings: Record<string, unknown>): PlannedRelease {
    const found = plannedReleases(parse(settings)).find((one) => one.cluster === "a" && one.chart === "istiod");
    if (found === undefined) {
      throw new Error("no release");
    }
    return found;
  }

  it("names the key that the chart does not know, and the nearest one", () => {
    const values = { istiod: { replicaCont: 2, replicaCount: 2 } };
    expect(judgeRelease({ stack: "dev", release: release({ values }), chart, objects: [] })).toEqual([
      {
        severity: "warning",
        text: "values.istiod.replicaCont: chart istiod 1.28.5-solo has no value replicaCont, and does nothing with it. Did you mean replicaCount?",
        inCluster: false,
      },
    ]);
  });

  it("names the short setting that the chart's version does not know", () => {
    const settings = { istiod: { priorityClassName: "high" } };
    expect(
      judgeRelease({ stack: "dev", release: release(settings), chart, objects: [] }).map(({ text }) => text),
    ).toEqual([
      "istiod.priorityClassName: chart istiod 1.28.5-solo has no value global.priorityClassName, and does nothing with it",
    ]);
  });

  it("refuses what can't be rendered, and what no API server takes, once for all clusters", () => {
    const looked = { stack: "dev", release: release({ values: { istiod: { replicaCount: "two" } } }), chart };
    const problem = { refused: true, text: "spec.replicas is a string and has to be a number" };
    const unrendered = judgeRelease({ ...looked, unrenderable: "wrong type", objects: [] });
    const untaken = judgeRelease({ ...looked, objects: [{ object: "Deployment istio-system/istiod", problem }] });
    const correct =
      "Correct them; to see all of the release's values and where each is from: npm run values -- --stack dev --chart istiod";
    expect(
      together([
        { cluster: "a", findings: unrendered },
        { cluster: "b", findings: [...unrendered, ...untaken] },
      ]).map(({ severity, message }) => [severity, message]),
    ).toEqual([
      [
        "error",
        `Cluster a, b: chart istiod 1.28.5-solo can't be rendered with the values of values.istiod: wrong type. ${correct}`,
      ],
      [
        "error",
        "Cluster b: with the values of values.istiod, chart istiod 1.28.5-solo makes Deployment istio-system/istiod one that no API " +
          `server takes: spec.replicas is a string and has to be a number. ${correct}`,
      ],
    ]);
  });
});
