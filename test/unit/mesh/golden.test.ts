/**
 * Compares what the program puts into a cluster, field by field, with the guide that it automates: Solo.io, "Flat
 * networking (advanced)". The guide's documents are in golden/, with its shell variables as placeholders.
 *
 * Wherever the program differs, the difference stands here with its reason. One that is not listed fails, and so does one
 * that is listed and is none any more.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { clustersOf, nothingKnown } from "../components/preflight";
import { createPeering } from "../../../components/peering";
import { type Recorded, type Run, run } from "../components/mocks";
import { meshesIn } from "../components/meshes";
import { kind, parse } from "../settings/config";
import { type Difference, differences } from "./difference";

type Listed = Difference & { readonly why: string };

const multiRoot: Listed = {
  path: "env > ISTIO_MULTIROOT_MESH",
  guide: undefined,
  ours: "true",
  why: "Without it from the first install, istiod refuses a second root, and with it every rotation of the first.",
};
const trustDomain: Listed = {
  path: "meshConfig > trustDomain",
  guide: undefined,
  ours: "cluster.local",
  why: "The guide says it in the peer Gateways alone, and leaves the mesh itself to a default that has to agree.",
};

const trustedZtunnel: Listed = {
  path: "trustedZtunnelNamespace",
  guide: undefined,
  ours: "istio-system",
  why: "Istio's profile for OpenShift has istiod trust a ztunnel in kube-system, and issue no certificate to the guide's.",
};

const releases: readonly {
  release: string;
  values: string;
  differs: readonly Listed[];
  /** Beside those, on a platform. */
  differsOnPlatform?: readonly Listed[];
}[] = [
  { release: "istio-base", values: "base", differs: [] },
  { release: "istiod", values: "istiod", differs: [multiRoot, trustDomain], differsOnPlatform: [trustedZtunnel] },
  { release: "istio-cni", values: "cni", differs: [] },
  { release: "ztunnel", values: "ztunnel", differs: [] },
];

const eastWestDiffers: readonly Listed[] = [
  {
    path: "metadata > annotations > pulumi.com/waitFor",
    guide: undefined,
    ours: '["condition=Programmed","jsonpath={.status.addresses}"]',
    why: "The guide has the reader look until the Gateway is Programmed; here the plan waits for it, and for its address.",
  },
];

const hostname: Listed = {
  path: "spec > addresses > 0 > type",
  guide: "IPAddress",
  ours: "Hostname",
  why: "The guide's own query prefers a load balancer's DNS name, which is no IP address: the type follows the address.",
};

const chartDiffers: readonly Listed[] = [
  {
    path: "remote > items > 0 > network",
    guide: "cluster-2",
    ours: "flat-network",
    why: "A peer on a network of its own is not flat: calls would stay in the cluster.",
  },
  {
    path: "remote > items > 0 > serviceType",
    guide: "ClusterIP",
    ours: undefined,
    why: "The chart's items have no such value: preferredDataplaneServiceType is the only one of that sort.",
  },
  {
    path: "eastwest > create",
    guide: undefined,
    ours: false,
    why: "The east-west Gateway is declared for either way to link, and a chart must not make it again.",
  },
];

const clusters = ["cluster-1", "cluster-2"];

describe.each([undefined, "openshift"])("the values of the charts, platform %s", (platform) => {
  it.each(releases)("of $release are the guide's", async ({ release, values, differs, differsOnPlatform = [] }) => {
    const { all } = await environment({ platform });
    const listed = platform === undefined ? differs : [...differs, ...differsOnPlatform];
    for (const cluster of clusters) {
      const guide = golden(platform === undefined ? values : `${values}.${platform}`, { cluster });
      expectDifferences(guide, inCluster(all("Release"), cluster, release).inputs["values"], listed);
    }
  });

  it("are as complete in a first preview", async () => {
    const { all } = await environment({ platform });
    const preview = await environment({ platform }, { preview: true });
    const values = (releases: readonly Recorded[]) =>
      releases.map(({ name, inputs }) => [name, inputs["values"]]).sort();
    expect(values(preview.all("Release"))).toEqual(values(all("Release")));
    expect(preview.all("Release")).toHaveLength(8);
  });
});

describe("the objects of the mesh", () => {
  it("have the guide's namespace, with its label from birth", async () => {
    const { all } = await environment();
    for (const cluster of clusters) {
      const { metadata } = golden("namespace", { cluster }) as { metadata: unknown };
      expect(inCluster(all("Namespace"), cluster, "istio-system").inputs["metadata"]).toEqual(metadata);
    }
  });

  it("have the guide's east-west Gateway", async () => {
    const { all } = await environment();
    for (const cluster of clusters) {
      const ours = document(inCluster(all("Gateway"), cluster, "istio-eastwest"));
      expectDifferences(golden("eastwest-gateway", { cluster }), ours, eastWestDiffers);
    }
  });

  it.each([
    ["cluster-1", "cluster-2"],
    ["cluster-2", "cluster-1"],
  ])("have the guide's Gateway in %s for its peer %s", async (cluster, peer) => {
    const { all } = await environment();
    const ours = document(inCluster(all("Gateway"), cluster, `istio-remote-peer-${peer}`));
    expectDifferences(golden("peer-gateway", { peer }), ours, []);
  });

  it("have another type of address in it for a DNS name", async () => {
    const { all } = await environment({}, { address: "lb.example.com" });
    const ours = document(inCluster(all("Gateway"), "cluster-1", "istio-remote-peer-cluster-2"));
    expectDifferences(golden("peer-gateway", { peer: "cluster-2", EW_ADDRESS: "lb.example.com" }), ours, [hostname]);
  });
});

describe("the values of the peering chart", () => {
  it("are the guide's but for its mistakes", async () => {
    const { all } = await environment({ settings: { istioVersion: "1.29.0", linkMethod: "chart" } });
    const release = inCluster(all("Release"), "cluster-1", "peering-remote");
    expectDifferences(golden("peering", { peer: "cluster-2" }), release.inputs["values"], chartDiffers);
  });
});

describe("the comparison", () => {
  it("sees what is missing, added, changed, of another type and in another order", () => {
    const found = differences(
      { a: 1, b: [1, 2], c: "true", d: {} },
      { b: [2, 1], c: true, e: { f: null }, d: { g: 1 } },
    );
    expect(found.map(({ path }) => path).sort()).toEqual(["a", "b > 0", "b > 1", "c", "d", "d > g", "e > f"]);
  });
});

const address = "172.18.0.100";

/** The guide's two clusters with the guide's settings. */
function environment(
  { platform, settings = {} }: { platform?: string | undefined; settings?: object } = {},
  { address: seen = address, preview = false } = {},
): Promise<Run<unknown>> {
  const given = parse({ clusters: clusters.map((name) => kind(name, { platform })), ...settings });
  return run(
    () => {
      const meshes = meshesIn(clustersOf(given), given);
      return createPeering({ settings: given, meshes, ...nothingKnown });
    },
    { preview, address: seen },
  );
}

/** A document of the guide with its shell variables filled in. */
function golden(file: string, variables: Readonly<Record<string, string>>): unknown {
  const filled: Readonly<Record<string, string>> = {
    REPO: "us-docker.pkg.dev/gloo-mesh/istio-0123456789ab",
    ISTIO_IMAGE: "1.28.5-solo",
    SOLO_ISTIO_LICENSE_KEY: "a-licence",
    EW_ADDRESS: address,
    ...variables,
  };
  const text = readFileSync(join(__dirname, "golden", `${file}.yaml`), "utf8").replace(/^#.*\n/gm, "");
  return parseYaml(
    text.replace(/\$\{(\w+)\}/g, (placeholder, name: string) => {
      const value = filled[name];
      if (value === undefined) {
        throw new Error(`golden/${file}.yaml: nothing stands for ${placeholder}`);
      }
      return value;
    }),
  );
}

/** The object, or Helm release, of this name inside a cluster. */
function inCluster(resources: readonly Recorded[], cluster: string, name: string): Recorded {
  const found = resources.filter(({ provider, inputs }) => {
    const metadata = inputs["metadata"] as { name: string } | undefined;
    return provider.startsWith(`${cluster}-`) && (metadata?.name ?? inputs["name"]) === name;
  });
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${String(found.length)} objects ${name} in ${cluster}, instead of one`);
  }
  return only;
}

/** An object as it is sent to the API server. */
function document({ inputs }: Recorded): unknown {
  const { apiVersion, kind, metadata, spec } = inputs;
  return { apiVersion, kind, metadata, spec };
}

function expectDifferences(guide: unknown, ours: unknown, listed: readonly Listed[]): void {
  const byPath = (a: Difference, b: Difference) => (a.path < b.path ? -1 : 1);
  const reasoned = listed.map(({ path, guide, ours }) => ({ path, guide, ours }));
  expect(differences(guide, ours).sort(byPath)).toEqual(reasoned.sort(byPath));
}
