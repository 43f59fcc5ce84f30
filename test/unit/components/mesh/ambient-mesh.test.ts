import { describe, expect, it } from "vitest";
import { createTrust } from "../../../../components/trust";
import { meshesIn } from "../meshes";
import { type World, run } from "../mocks";
import { clustersOf, noTrust } from "../preflight";
import { kind, kwok, parse } from "../../settings/config";

describe.each([false, true])("a mesh, preview %s", (preview) => {
  it("is its namespace, its certificates and four releases of pinned names and versions", async () => {
    const { all, one } = await mesh({}, { preview });
    expect(one("Namespace").inputs["metadata"]).toMatchObject({ name: "istio-system" });
    expect(one("kubernetes:core/v1:Secret").inputs["metadata"]).toMatchObject({ name: "cacerts" });
    const charts = "oci://us-docker.pkg.dev/gloo-mesh/istio-helm-0123456789ab";
    expect(
      all("Release").map(({ inputs: { name, namespace, chart, version } }) => [name, namespace, chart, version]),
    ).toEqual([
      ["istio-base", "istio-system", `${charts}/base`, "1.28.5-solo"],
      ["istio-cni", "istio-system", `${charts}/cni`, "1.28.5-solo"],
      ["istiod", "istio-system", `${charts}/istiod`, "1.28.5-solo"],
      ["ztunnel", "istio-system", `${charts}/ztunnel`, "1.28.5-solo"],
    ]);
  });
});

describe("the network's name", () => {
  it("is one value in the namespace, istiod and ztunnel", async () => {
    const { one, release } = await mesh({ network: "other-network" });
    expect(one("Namespace").inputs["metadata"]).toMatchObject({
      labels: { "topology.istio.io/network": "other-network" },
    });
    expect(release("istiod").inputs["values"]).toMatchObject({ global: { network: "other-network" } });
    expect(release("ztunnel").inputs["values"]).toMatchObject({ network: "other-network" });
  });
});

describe("the licence", () => {
  it("is a secret where its value is given, and nowhere but in istiod", async () => {
    const { all } = await mesh();
    const secret = all("Release").filter(({ secrets }) => secrets.length > 0);
    expect(secret.map(({ inputs, secrets }) => [inputs["name"], secrets])).toEqual([["istiod", ["values"]]]);
    expect(JSON.stringify(all("Release").filter(({ inputs }) => inputs["name"] !== "istiod"))).not.toContain(
      "a-licence",
    );
  });

  it.each([{ name: "licence" }, { name: "licence", namespace: "vault" }])(
    "is a reference to the Secret %o",
    async (ref) => {
      const { release } = await mesh({ license: undefined, licenseSecretRef: ref });
      expect(release("istiod").inputs["values"]).toMatchObject({ license: { secretRef: ref } });
      expect(release("istiod").inputs["values"]).not.toHaveProperty("license.value");
    },
  );
});

describe("mirrors", () => {
  it("give the charts and the images", async () => {
    const { release } = await mesh({ charts: "oci://mirror.example.com/charts", images: "mirror.example.com/istio" });
    expect(release("istio-cni").inputs).toMatchObject({
      chart: "oci://mirror.example.com/charts/cni",
      values: { global: { hub: "mirror.example.com/istio", tag: "1.28.5-solo" } },
    });
    expect(release("ztunnel").inputs["values"]).toMatchObject({ hub: "mirror.example.com/istio", tag: "1.28.5-solo" });
  });
});

describe("the trust domain", () => {
  it("is the settings'", async () => {
    const { release } = await mesh({ trustDomain: "example.org" });
    expect(release("istiod").inputs["values"]).toMatchObject({ meshConfig: { trustDomain: "example.org" } });
  });
});

describe("certificates that someone else keeps", () => {
  it("leave the mesh without a Secret of its own", async () => {
    const { all } = await mesh({ root: { existing: true } });
    expect(all("kubernetes:core/v1:Secret")).toEqual([]);
    expect(all("Release")).toHaveLength(4);
  });
});

describe("the community's distribution", () => {
  const community = { distribution: "community", license: undefined, repoKey: undefined };

  it.each([undefined, "openshift"])("has nothing that only the vendor's knows, on platform %s", async (platform) => {
    const { all } = await mesh({ ...community, clusters: [kind("a", { platform })] });
    const text = JSON.stringify(all("Release").map(({ inputs }) => inputs["values"]));
    expect(text).not.toMatch(/license|peering|PEERING|DISABLE_LEGACY_MULTICLUSTER|solo/);
  });

  it("knows the clusters of one network by their names, and the mesh's", async () => {
    const { release } = await mesh(community);
    expect(release("istiod").inputs["values"]).toMatchObject({
      env: { AMBIENT_ENABLE_MULTI_NETWORK: "true", ISTIO_MULTIROOT_MESH: "true" },
      global: {
        hub: "docker.io/istio",
        tag: "1.31.0",
        meshID: "flatmesh",
        multiCluster: { clusterName: "a" },
        network: "flat-network",
      },
      meshConfig: { trustDomain: "cluster.local" },
    });
    expect(release("ztunnel").inputs["values"]).toMatchObject({
      multiCluster: { clusterName: "a" },
      network: "flat-network",
      variant: "distroless",
    });
  });

  it("leaves Istio's own reader out, account and rights: control planes read by one with fewer", async () => {
    const { release } = await mesh(community);
    for (const name of ["istio-base", "istiod"]) {
      expect(release(name).inputs["values"]).toMatchObject({ global: { enableReaderRBAC: false } });
    }
    const { all } = await mesh({});
    expect(JSON.stringify(all("Release").map(({ inputs }) => inputs["values"]))).not.toContain("enableReaderRBAC");
  });

  it("has the platform wherever the charts look for it", async () => {
    const { all } = await mesh({ ...community, clusters: [kind("a", { platform: "openshift" })] });
    for (const { inputs } of all("Release")) {
      expect(inputs["values"]).toMatchObject({ global: { platform: "openshift" } });
    }
  });
});

describe("certificates that are issued anew", () => {
  it.each([{}, { distribution: "community", license: undefined, repoKey: undefined }])(
    "%# change ztunnel's pods, which have time to drain one after the other",
    async (distribution) => {
      const before = (await mesh(distribution)).release("ztunnel").inputs;
      const after = (await mesh({ ...distribution, root: { generate: {}, reissue: 2027 } })).release("ztunnel").inputs;
      const values = before["values"] as object;
      expect(before["timeout"]).toBe(600);
      expect(after["timeout"]).toBe(3600);
      expect(after["values"]).toEqual({ ...values, podAnnotations: { "flatmesh/reissue": "2027" } });
    },
  );
});

describe("the mesh's controllers", () => {
  it("are played in a kwok cluster, with an address that no other cluster of the network has", async () => {
    const { one, value } = await mesh({ clusters: [kwok("a")], loadBalancer: undefined });
    const { inputs } = one("Command", `${value.namePrefix}-mesh-controllers`);
    expect(inputs["environment"]).toMatchObject({ NAME: "a" });
    const { items } = JSON.parse(String(inputs["stdin"])) as { items: unknown[] };
    expect(items).toMatchObject([
      {
        metadata: { name: "istio-eastwest" },
        spec: { next: { statusTemplate: expect.stringContaining("10.255.10.254") as string } },
      },
      {
        metadata: { name: "istio-remote" },
        spec: { next: { statusTemplate: expect.stringContaining("gloo.solo.io/PeerConnected") as string } },
      },
    ]);
  });

  it("play in no other", async () => {
    const { all } = await mesh();
    expect(all("Command").filter(({ name }) => name.includes("controllers"))).toEqual([]);
  });
});

describe("values", () => {
  it("are plain JSON: Helm takes null for an order to delete", async () => {
    for (const distribution of [{}, { distribution: "community", license: undefined, repoKey: undefined }]) {
      const { all } = await mesh(distribution);
      for (const { inputs } of all("Release")) {
        expect(JSON.parse(JSON.stringify(inputs["values"]))).toStrictEqual(inputs["values"]);
        expect(JSON.stringify(inputs["values"])).not.toContain("null");
      }
    }
  });
});

async function mesh(settings: object = {}, world?: World) {
  const result = await run(() => {
    const given = parse({ clusters: [kind("a")], ...settings });
    const [cluster] = clustersOf(given);
    if (cluster === undefined) {
      throw new Error("no cluster");
    }
    meshesIn([cluster], given, createTrust(given, noTrust));
    return cluster;
  }, world);
  const release = (name: string) => {
    const found = result.all("Release").find(({ inputs }) => inputs["name"] === name);
    if (found === undefined) {
      throw new Error(`no release ${name}`);
    }
    return found;
  };
  return { ...result, release };
}
