import { stringify } from "yaml";
import type { Resource } from "../../../policy/rules";
import type { Properties, Value } from "../../../policy/state";
import { resource } from "./resources";

/** A use of one of Istio's charts, however it is carried. */
export interface Use {
  readonly chart: string;
  readonly values: Properties;
  readonly version: string | null;
  readonly repository: string;
}

/** What people's programs have in the place of a Helm release. */
export const carriers: Readonly<Record<string, (use: Use) => Resource[]>> = {
  "a release": ({ chart, values, version, repository }) => [
    resource("kubernetes:helm.sh/v3:Release", chart, {
      name: chart,
      namespace: "istio-system",
      chart,
      version,
      repositoryOpts: { repo: repository },
      values,
    }),
  ],
  "Flux, with a repository": (use) => [helmRepository(use), helmRelease(use, "v2")],
  "Flux of a former version": (use) => [helmRepository(use), helmRelease(use, "v2beta2")],
  "Flux, with a registry": ({ chart, values, version, repository }) => [
    object("source.toolkit.fluxcd.io/v1", "OCIRepository", `${chart}-chart`, {
      url: `${repository}/${chart}`,
      ref: version === null ? {} : { [/\*/.test(version) ? "semver" : "tag"]: version },
    }),
    object("helm.toolkit.fluxcd.io/v2", "HelmRelease", chart, {
      chartRef: { kind: "OCIRepository", name: `${chart}-chart` },
      values,
    }),
  ],
  "Argo CD, with values as a text": (use) => [
    application(use, { source: { ...chartOf(use), helm: { values: stringify(use.values) } } }),
  ],
  "Argo CD, with values as a map": (use) => [
    application(use, { source: { ...chartOf(use), helm: { valuesObject: use.values } } }),
  ],
  "Argo CD, with parameters": (use) => [
    application(use, { source: { ...chartOf(use), helm: { parameters: parameters(use.values) } } }),
  ],
  "Argo CD, with several sources": (use) => [
    application(use, {
      sources: [
        { repoURL: "https://example.com/values.git", ref: "values" },
        { ...chartOf(use), helm: { values: stringify(use.values) } },
      ],
    }),
  ],
  "an ApplicationSet": (use) => [
    object("argoproj.io/v1alpha1", "ApplicationSet", use.chart, {
      goTemplate: true,
      generators: [{ clusters: {} }],
      template: {
        metadata: { name: `{{.name}}-${use.chart}` },
        spec: {
          destination: { server: "{{.server}}", namespace: "istio-system" },
          source: { ...chartOf(use), helm: { values: `${stringify(use.values)}cluster: {{.name}}\n` } },
        },
      },
    }),
  ],
  "k3s, with values as a text": ({ chart, values, version, repository }) => [
    object(
      "helm.cattle.io/v1",
      "HelmChart",
      chart,
      {
        chart,
        repo: repository,
        version,
        targetNamespace: "istio-system",
        valuesContent: stringify(values),
      },
      "kube-system",
    ),
  ],
  "k3s, with a configuration": ({ chart, values, version, repository }) => [
    object(
      "helm.cattle.io/v1",
      "HelmChart",
      chart,
      { chart, repo: repository, version, targetNamespace: "istio-system" },
      "kube-system",
    ),
    object("helm.cattle.io/v1", "HelmChartConfig", chart, { valuesContent: stringify(values) }, "kube-system"),
  ],
  "a bundle of Fleet": ({ chart, values, version, repository }) => [
    object("fleet.cattle.io/v1alpha1", "Bundle", chart, {
      defaultNamespace: "istio-system",
      helm: { chart, repo: repository, version, values },
      targets: [{ clusterSelector: {} }],
    }),
  ],
  Crossplane: ({ chart, values, version, repository }) => [
    object("helm.crossplane.io/v1beta1", "Release", chart, {
      providerConfigRef: { name: "east" },
      forProvider: { namespace: "istio-system", chart: { name: chart, repository, version }, values },
    }),
  ],
  "Cluster API": ({ chart, values, version, repository }) => [
    object("addons.cluster.x-k8s.io/v1alpha1", "HelmChartProxy", chart, {
      chartName: chart,
      repoURL: repository,
      version,
      namespace: "istio-system",
      clusterSelector: {},
      valuesTemplate: `${stringify(values)}cluster: {{ .Cluster.metadata.name }}\n`,
    }),
  ],
  Sveltos: ({ chart, values, version, repository }) => [
    object("config.projectsveltos.io/v1beta1", "ClusterProfile", chart, {
      clusterSelector: { matchLabels: { mesh: "true" } },
      helmCharts: [
        {
          repositoryURL: repository,
          chartName: `istio/${chart}`,
          chartVersion: version,
          releaseName: chart,
          releaseNamespace: "istio-system",
          values: stringify(values),
        },
      ],
    }),
  ],
  "a policy of ACM around Flux": (use) => [
    object("policy.open-cluster-management.io/v1", "Policy", `istio-${use.chart}`, {
      "policy-templates": [
        {
          objectDefinition: {
            apiVersion: "policy.open-cluster-management.io/v1",
            kind: "ConfigurationPolicy",
            metadata: { name: use.chart },
            spec: {
              "object-templates": [helmRepository(use), helmRelease(use, "v2")].map(({ inputs }) => ({
                complianceType: "musthave",
                objectDefinition: inputs,
              })),
            },
          },
        },
      ],
    }),
    object("policy.open-cluster-management.io/v1", "PlacementBinding", `istio-${use.chart}`, {}, "istio-system", {
      placementRef: { kind: "Placement", name: "meshed" },
      subjects: [{ kind: "Policy", name: `istio-${use.chart}` }],
    }),
  ],
  "a work of ACM in a list": (use) => [
    resource("kubernetes:core/v1:List", use.chart, {
      apiVersion: "v1",
      kind: "List",
      items: [
        {
          apiVersion: "work.open-cluster-management.io/v1",
          kind: "ManifestWork",
          metadata: { name: use.chart, namespace: "east" },
          spec: {
            workload: {
              manifests: [helmRepository(use), helmRelease(use, "v2")].map(({ inputs }) => inputs),
            },
          },
        },
      ],
    }),
  ],
  "Terraform's provider of Helm": ({ chart, values, version, repository }) => [
    resource("helm:index/release:Release", chart, {
      name: chart,
      namespace: "istio-system",
      chart,
      version,
      repository,
      values: [stringify(values)],
    }),
  ],
};

/** A custom resource. */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  spec: Properties,
  namespace = "istio-system",
  more: Properties = {},
): Resource {
  return resource(`kubernetes:${apiVersion}:${kind}`, `${name}-${kind}`, {
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...(Object.keys(spec).length > 0 && { spec }),
    ...more,
  });
}

function helmRepository({ chart, repository }: Use): Resource {
  return object("source.toolkit.fluxcd.io/v1", "HelmRepository", `istio-${chart}`, { url: repository });
}

function helmRelease({ chart, values, version }: Use, api: string): Resource {
  return object(`helm.toolkit.fluxcd.io/${api}`, "HelmRelease", chart, {
    chart: { spec: { chart, version, sourceRef: { kind: "HelmRepository", name: `istio-${chart}` } } },
    values,
  });
}

function chartOf({ chart, version, repository }: Use): Properties {
  // Argo CD leaves out the scheme of a registry.
  return { repoURL: repository.replace(/^oci:\/\//, ""), chart, ...(version !== null && { targetRevision: version }) };
}

function application({ chart }: Use, spec: Properties): Resource {
  const destination = { server: "https://kubernetes.default.svc", namespace: "istio-system" };
  return object("argoproj.io/v1alpha1", "Application", chart, { destination, ...spec }, "argocd");
}

/** Values as Argo CD's parameters: `global.network`. */
function parameters(values: Value, path = ""): Properties[] {
  return typeof values === "object" && values !== null
    ? Object.entries(values as Properties).flatMap(([key, value]) =>
        parameters(value, `${path}${path && "."}${key.replaceAll(".", "\\.")}`),
      )
    : [{ name: path, value: String(values) }];
}
