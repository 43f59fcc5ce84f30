/**
 * What an install puts into a cluster: upstream's charts rendered with the program's values, for both distributions on every platform
 * that settings allow, judged across all four releases.
 *
 * These tests can't see
 * - Solo's charts, which nobody gets without a licence: Solo's values are rendered with upstream's charts, where keys that only Solo's
 *   charts read do nothing;
 * - the charts of the very release where Istio's chart repository is out of reach: the newer ones of Istio's Go module stand in;
 * - what an API server makes of the objects (test/kwok), and what istiod and the CNI make of their configuration, such as the
 *   proxies that istiod deploys for Gateways (test/kind).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { meshImages, systemNamespace } from "../../components/mesh";
import { platforms } from "../../settings/clusters";
import { chartNames, type Charts, openCharts, type Tree } from "./charts";
import { accountOf, containersOf, identity, referencesOf, variable, type Workload } from "./objects";
import { allPlatforms, distributions, type Platform, render, type Rendering, settingsOf } from "./rendering";

describe.each(distributions)("an install of the %s distribution", (distribution) => {
  const settings = settingsOf(distribution);
  let charts: Charts;
  let renderings: ReadonlyMap<string, Rendering>;
  beforeAll(async () => {
    charts = await openCharts(settings);
    renderings = await render(settings, charts);
  });
  afterAll(() => charts.close());

  function on(platform: Platform): Rendering {
    const rendering = renderings.get(platform);
    if (rendering === undefined) {
      throw new Error(`nothing is rendered for ${platform}`);
    }
    return rendering;
  }

  it.each(chartNames)("can be on each platform that the chart %s has a profile for, and on no other", async (name) => {
    expect((await charts[name].platforms()).sort()).toEqual([...platforms].sort());
  });

  describe.each(allPlatforms)("on %s", (platform) => {
    it("sets no value that the charts don't know", () => {
      const { values } = on(platform);
      const unknown = chartNames.flatMap((name) =>
        leaves(values[name])
          .filter((path) => !charts[name].knows(path))
          .map((path) => `${name}: ${path.join(".")}`),
      );
      expect(unknown.sort()).toEqual(unknownToUpstream[distribution]);
    });

    it("makes no object twice", () => {
      const { objects, own } = on(platform);
      expect(repeated([...objects, ...own].map(identity))).toEqual([]);
    });

    it("stays in the namespaces that the program makes", () => {
      const { objects, own } = on(platform);
      const made = own.filter(({ kind }) => kind === "Namespace").map(({ metadata }) => metadata.name);
      expect(made).toContain(systemNamespace);
      const outside = objects.filter(
        ({ metadata: { namespace } }) => namespace !== undefined && !made.includes(namespace),
      );
      // It has to be there: istiod's injector refers pods with a sidecar to `default/istio-cni`.
      const attachment = platform === "openshift" ? ["NetworkAttachmentDefinition default/istio-cni"] : [];
      expect(outside.map(identity)).toEqual(attachment);
    });

    it("has every object that another one refers to", () => {
      const { objects } = on(platform);
      const there = new Set(objects.map(identity));
      const references = objects.flatMap(referencesOf);
      expect(references.length).toBeGreaterThan(10);
      expect(references.filter((reference) => !there.has(reference))).toEqual([]);
    });

    it("sets no environment variable twice", () => {
      for (const workload of on(platform).workloads) {
        for (const { env = [] } of containersOf(workload)) {
          expect(repeated(env.map(({ name }) => name))).toEqual([]);
        }
      }
    });

    it("runs no image but the settings'", () => {
      const images = on(platform)
        .workloads.flatMap(containersOf)
        .map(({ image }) => image);
      expect(images).toHaveLength(3);
      expect(images.filter((image) => !meshImages(settings).includes(image))).toEqual([]);
      const { hub, tag } = injectorValues(on(platform)).global;
      expect(meshImages(settings)).toContain(`${hub}/proxyv2:${tag}`);
    });

    it("has istiod trust the service account that ztunnel runs with", () => {
      const { istiod, ztunnel } = parts(on(platform));
      expect(variable(istiod, "CA_TRUSTED_NODE_ACCOUNTS")).toBe(accountOf(ztunnel));
    });

    it("has ztunnel connect to istiod's Service", () => {
      const { ztunnel } = parts(on(platform));
      const service = on(platform).one("Service", "istiod");
      const ports = service.spec.ports.map(
        ({ port }) => `istiod.${service.metadata.namespace ?? ""}.svc:${String(port)}`,
      );
      expect(ports).toContain(variable(ztunnel, "CA_ADDRESS"));
      expect(ports).toContain(variable(ztunnel, "XDS_ADDRESS"));
    });

    it("gives istiod and ztunnel the same names of cluster, network, mesh and trust domain", () => {
      const { istiod, ztunnel } = parts(on(platform));
      expect(variable(istiod, "CLUSTER_ID")).toBe(platform);
      expect(variable(ztunnel, "ISTIO_META_CLUSTER_ID")).toBe(platform);
      expect(variable(ztunnel, "NETWORK")).toBe(settings.network);
      expect(injectorValues(on(platform)).global).toMatchObject({
        multiCluster: { clusterName: platform },
        network: settings.network,
        meshID: distribution === "community" ? "flatmesh" : "",
      });
      expect(parse(on(platform).text("istio", "mesh"))).toMatchObject({ trustDomain: settings.trustDomain });
    });

    it("switches on what an ambient mesh of several clusters needs", () => {
      const { istiod, ztunnel } = parts(on(platform));
      for (const name of switches[distribution].istiod) {
        expect([name, variable(istiod, name)]).toEqual([name, "true"]);
      }
      for (const name of switches[distribution].ztunnel) {
        expect([name, variable(ztunnel, name)]).toEqual([name, "true"]);
      }
      const cni = (key: string): string => on(platform).text("istio-cni-config", key);
      expect([cni("AMBIENT_ENABLED"), cni("AMBIENT_DNS_CAPTURE")]).toEqual(["true", "true"]);
      expect(cni("EXCLUDE_NAMESPACES").split(",")).toContain(systemNamespace);
    });

    it("puts the CNI where the platform's nodes look for it", async () => {
      const { cni } = parts(on(platform));
      const volumes = cni.spec.template.spec.volumes ?? [];
      const path = (name: string) => volumes.find((volume) => volume.name === name)?.hostPath?.path;
      const configured = (key: string): string => on(platform).text("istio-cni-config", key);
      expect({
        cniBinDir: path("cni-bin-dir"),
        cniConfDir: path("cni-net-dir"),
        cniNetnsDir: path("cni-netns-dir"),
        cniConfFileName: configured("CNI_CONF_NAME"),
        chained: configured("CHAINED_CNI_PLUGIN") === "true",
        provider: on(platform).all("NetworkAttachmentDefinition").length === 0 ? "default" : "multus",
      }).toEqual(await nodeSetup(platform, charts));
    });
  });

  it("has a quota for its critical pods on GKE, which admits none outside kube-system without one", () => {
    const critical = on("gke").workloads.flatMap(({ metadata: { namespace = "" }, spec }) => {
      const { priorityClassName = "" } = spec.template.spec;
      return priorityClassName.startsWith("system-") ? [`${priorityClassName} in ${namespace}`] : [];
    });
    const admitted = on("gke")
      .all("ResourceQuota")
      .flatMap(({ metadata: { namespace = "" }, spec }) =>
        (spec.scopeSelector?.matchExpressions ?? [])
          .filter(({ scopeName, operator }) => scopeName === "PriorityClass" && operator === "In")
          .flatMap(({ values = [] }) => values.map((name) => `${name} in ${namespace}`)),
      );
    expect(critical).toHaveLength(2);
    expect(critical.filter((pods) => !admitted.includes(pods))).toEqual([]);
  });

  it("lets the CNI and ztunnel run privileged on OpenShift", () => {
    const { cni, ztunnel } = parts(on("openshift"));
    expect(mayBePrivileged(on("openshift"))).toEqual([accountOf(cni), accountOf(ztunnel)]);
  });

  it("shows the licence key nowhere but in the ConfigMap that repeats istiod's values", () => {
    const telling = on("plain").objects.filter((object) => JSON.stringify(object).includes("a-licence"));
    expect(telling.map(identity)).toEqual(distribution === "solo" ? [`ConfigMap ${systemNamespace}/values`] : []);
  });
});

/** Solo's guide has it, and no chart of upstream's reads it. */
const guidesOwn = ["istiod: pilot.cni.namespace"];
/** Values that upstream's charts don't know. */
const unknownToUpstream = {
  community: guidesOwn,
  solo: [
    "istiod: license.value",
    ...guidesOwn,
    "istiod: platforms.peering.enabled",
    "ztunnel: configValidation",
    "ztunnel: enabled",
    "ztunnel: namespace",
    "ztunnel: platforms.peering.enabled",
  ].sort(),
};

/** Variables that have to be true. */
const common = ["PILOT_ENABLE_AMBIENT", "PILOT_ENABLE_IP_AUTOALLOCATE", "ISTIO_MULTIROOT_MESH"];
const switches = {
  community: { istiod: [...common, "AMBIENT_ENABLE_MULTI_NETWORK"], ztunnel: [] },
  solo: {
    istiod: [...common, "PEERING_ENABLE_FLAT_NETWORKS", "DISABLE_LEGACY_MULTICLUSTER"],
    ztunnel: ["L7_ENABLED"],
  },
};

/** The keys that lead to every value that is no map. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, entry]) => leaves(entry, [...path, key]))
    : [path];
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** The workloads of a mesh. */
function parts(rendering: Rendering): Readonly<Record<"istiod" | "cni" | "ztunnel", Workload>> {
  return {
    istiod: rendering.one("Deployment", "istiod"),
    cni: rendering.one("DaemonSet", "istio-cni-node"),
    ztunnel: rendering.one("DaemonSet", "ztunnel"),
  };
}

interface InjectorValues {
  readonly global: Readonly<Record<"hub" | "tag" | "network" | "meshID", string>> & {
    readonly multiCluster: { readonly clusterName: string };
  };
}

/** The values that istiod injects proxies with. */
function injectorValues(rendering: Rendering): InjectorValues {
  return JSON.parse(rendering.text("istio-sidecar-injector", "values")) as InjectorValues;
}

/** `<namespace>/<name>` of the service accounts that may use OpenShift's security context constraint `privileged`. */
function mayBePrivileged(rendering: Rendering): string[] {
  const roles = rendering
    .all("ClusterRole")
    .filter(({ rules }) =>
      rules.some(
        ({ resources, resourceNames, verbs }) =>
          resources?.includes("securitycontextconstraints") &&
          resourceNames?.includes("privileged") &&
          verbs.includes("use"),
      ),
    )
    .map(({ metadata }) => metadata.name);
  return rendering
    .all("ClusterRoleBinding")
    .filter(({ roleRef }) => roles.includes(roleRef.name))
    .flatMap(({ subjects }) => subjects.map(({ namespace = "", name }) => `${namespace}/${name}`));
}

/** How the CNI chart sets up a platform's nodes: its profile's values over its defaults. */
async function nodeSetup(platform: Platform, { cni }: Charts): Promise<Tree> {
  const keys = ["cniBinDir", "cniConfDir", "cniNetnsDir", "cniConfFileName", "chained", "provider"];
  const profile = platform === "plain" ? {} : ((await cni.platformProfile(platform))["cni"] as Tree);
  const all = { ...cni.defaults, ...profile };
  // The profile leaves this one to a template, which goes by the version of the API server.
  const binaries = platform === "gke" && { cniBinDir: "/home/kubernetes/bin" };
  return { ...Object.fromEntries(keys.map((key) => [key, all[key]])), ...binaries };
}
