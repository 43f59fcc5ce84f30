import { describe, expect, it } from "vitest";
import { evaluate, type Resource, rules } from "../../../policy/rules";
import { readableSources as rule } from "../../../policy/rules/readable-sources";
import type { Properties } from "../../../policy/state";
import { object } from "./carriers";
import { against, release, resource } from "./resources";

const secret = "s3cret";
const broken = `global:\n  network: flat\n password: ${secret}\n`;
const charts = "https://istio-release.storage.googleapis.com/charts";

const argo = (source: Properties): Resource =>
  object("argoproj.io/v1alpha1", "Application", "istiod", {
    destination: { namespace: "istio-system" },
    source: { repoURL: charts, chart: "istiod", targetRevision: "1.28.5", ...source },
  });
const flux = (spec: Properties): Resource =>
  object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "istiod", {
    chart: { spec: { chart: "istiod", version: "1.28.5" } },
    ...spec,
  });
const k3s = (spec: Properties): Resource =>
  object("helm.cattle.io/v1", "HelmChart", "istiod", { chart: "istiod", repo: charts, version: "1.28.5", ...spec });
const command = (create: string): Resource => resource("command:local:Command", "c", { create });

describe("readable-sources", () => {
  it.each([
    [
      "values of an object",
      flux({ valuesFrom: [{ kind: "Secret", name: "mesh" }] }),
      "takes values from Secret mesh (spec.valuesFrom[0])",
    ],
    ["changes of what is rendered", flux({ postRenderers: [{ kustomize: {} }] }), "(spec.postRenderers)"],
    [
      "a source of another stack",
      flux({ chart: null, chartRef: { kind: "OCIRepository", name: "istiod" } }),
      "OCIRepository istiod, which is not in this stack (spec.chartRef)",
    ],
    [
      "a folder of Flux",
      object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "mesh", { path: "./infra/istio" }),
      "the folder ./infra/istio of a repository",
    ],
    [
      "files of Argo CD",
      argo({ helm: { valueFiles: ["$values/istiod.yaml"] } }),
      "the file $values/istiod.yaml (spec.source.helm.valueFiles)",
    ],
    [
      "a folder of Argo CD",
      argo({ chart: null, path: "clusters/east/istio" }),
      "the folder clusters/east/istio of a repository",
    ],
    [
      "what an ApplicationSet fills in",
      object("argoproj.io/v1alpha1", "ApplicationSet", "istiod", {
        generators: [{ list: { elements: [] } }],
        template: { spec: { source: { repoURL: charts, chart: "istiod", targetRevision: "{{version}}" } } },
      }),
      "has its generators fill in values",
    ],
    [
      "Secrets of k3s",
      k3s({ valuesSecrets: [{ name: "mesh" }] }),
      "takes values from Secret mesh (spec.valuesSecrets)",
    ],
    ["a chart in itself", k3s({ chartContent: "H4sI" }), "(spec.chartContent)"],
    [
      "a policy as one text",
      object("policy.open-cluster-management.io/v1", "ConfigurationPolicy", "istio", { "object-templates-raw": "- a" }),
      "has objects as one text (spec.object-templates-raw)",
    ],
    [
      "a repository of Fleet",
      object("fleet.cattle.io/v1alpha1", "GitRepo", "mesh", { repo: "https://example.com/x", paths: ["istio"] }),
      "from a repository (spec.repo)",
    ],
    [
      "Fleet's values for some",
      object("fleet.cattle.io/v1alpha1", "Bundle", "istiod", {
        helm: { chart: "istiod", version: "1.28.5" },
        targets: [{ helm: { values: {} } }],
      }),
      "has other values for some of its targets",
    ],
    [
      "a file of values",
      release("istiod", {}, { valueYamlFiles: [{ path: "values.yaml" }] }),
      "takes values from values.yaml (valueYamlFiles[0])",
    ],
    ["istioctl", command("istioctl install --set profile=ambient -y"), "runs istioctl"],
    ["helm", command("helm repo update\nhelm upgrade --install istiod istio/istiod"), "runs helm"],
    ["kubectl", command("kubectl apply -f https://example.com/istio.yaml"), "runs kubectl"],
    // What can't be read is wrong, too.
    ["broken values of Argo CD", argo({ helm: { values: broken } }), "not YAML (line 3, column 1): correct them"],
    ["broken values of k3s", k3s({ valuesContent: "a: [1" }), "has values in spec.valuesContent that are not YAML"],
    ["values that are a word", argo({ helm: { values: secret } }), "not YAML (they are not a map)"],
    [
      "values that hold themselves",
      argo({ helm: { values: "a: &a\n  b: *a\n" } }),
      "has values in spec.source.helm.values that are not YAML",
    ],
    [
      "broken values of a release",
      release("istiod", {}, { valueYamlFiles: [{ text: broken }] }),
      "has values in valueYamlFiles[0] that are not YAML (line 3",
    ],
  ])("names %s, as advice and without quoting it", (_what, one, message) => {
    const found = rule.evaluate({ resources: [one] }, {});
    expect(found).toEqual([{ urn: one.urn, level: "advisory", message: expect.stringContaining(message) as string }]);
    expect(found[0]?.message).not.toContain(secret);
    // And nothing else stops for it, or fails.
    expect(evaluate({ resources: [one], before: [one] }, rules).filter(({ level }) => level === "mandatory")).toEqual(
      [],
    );
  });

  it("says nothing of what is read, and of what is no part of a mesh", () => {
    const podinfo = object(
      "helm.toolkit.fluxcd.io/v2",
      "HelmRelease",
      "podinfo",
      { chart: { spec: { chart: "podinfo" } }, valuesFrom: [{ kind: "Secret", name: "x" }] },
      "apps",
    );
    const shop = object("argoproj.io/v1alpha1", "Application", "shop", {
      source: { repoURL: "https://example.com/shop.git", path: "deploy" },
    });
    const resources = [
      release("istiod", { global: {} }, { valueYamlFiles: [{ text: "a: 1" }] }),
      flux({ chart: { spec: { chart: "./charts/istiod", sourceRef: { kind: "GitRepository", name: "istio" } } } }),
      argo({ helm: { values: "" } }),
      podinfo,
      shop,
      command("kubectl get pods; helm upgrade shop ./shop"),
    ];
    expect(against(rule, resources)).toEqual([]);
  });
});
