/**
 * A cluster that was there before, with other people's objects in it: what a stack leaves of it. Everything in its API
 * server is compared, field managers included. What istiod would write by itself is written by the test, since no pod runs.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledDefinitions } from "../../../preflight/gateway-api";
import { changes, FoundCluster } from "./found-cluster";

let cluster: FoundCluster;
beforeAll(async () => {
  cluster = await FoundCluster.create();
});
afterAll(() => cluster.delete());

const namespace = (name: string, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
const configMap = (name: string, place: string, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: place, labels },
  data: { whose: "theirs" },
});
const gatewayClass = (name: string, controllerName: string) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name },
  spec: { controllerName },
});

const settings = (more: object = {}) => ({
  clusters: JSON.stringify([{ name: "found", provisioner: "existing", kubeconfig: cluster.kubeconfig }]),
  license: "a-licence",
  repoKey: "0123456789ab",
  demo: "true",
  ...more,
});

/** Waits for the cluster's own controllers, which take away a moment later what belonged to what the stack has deleted. */
async function expectEverything(wanted: Readonly<Record<string, object>>): Promise<void> {
  await expect.poll(() => cluster.everything(), { timeout: 30_000, interval: 2000 }).toEqual(wanted);
}

describe("a stack in a cluster that has other things in it", () => {
  it("leaves exactly what it has found", async () => {
    cluster.apply(namespace("istio-system", { team: "platform" }), namespace("apps"));
    cluster.apply(configMap("theirs", "istio-system"), configMap("theirs", "apps"));
    const before = await cluster.everythingSettled();

    const stack = await cluster.stack("one", settings());
    cluster.playControllers();
    await stack.up();
    expect(changes(await stack.preview())).toEqual({ same: expect.any(Number) as number });
    expect(cluster.kubectl("get", "namespace", "istio-system", "--output", "jsonpath={.metadata.labels}")).toMatch(
      /"team":"platform".*"topology\.istio\.io\/network":"flat-network"/,
    );
    // What istiod leaves.
    cluster.apply(
      gatewayClass("istio-remote", "istio.io/unmanaged-gateway"),
      configMap("istio-ca-root-cert", "apps", { "istio.io/config": "true" }),
      configMap("istio-gateway-status-leader", "istio-system"),
    );
    await stack.destroy();
    await expectEverything(before);
  });

  it("leaves a namespace that it has made to somebody who has put something into it since", async () => {
    const stack = await cluster.stack("mine", settings());
    cluster.playControllers();
    await stack.up();
    cluster.apply(configMap("theirs", "demo"));
    const { stderr, stdout } = await stack.destroy();
    expect(stdout + stderr).toMatch(/namespace demo stays, since things of somebody else .*ConfigMap\/theirs/);
    expect(cluster.kubectl("get", "configmap", "theirs", "--namespace", "demo", "--output=name")).toMatch(/theirs/);
    expect(cluster.kubectl("get", "namespace", "demo", "--output=yaml")).not.toMatch(
      /dataplane-mode|deletionTimestamp/,
    );
    expect(cluster.kubectl("get", "namespace", "istio-eastwest", "--ignore-not-found")).toBe("");
    cluster.kubectl("delete", "namespace", "demo");
  });

  it("goes on after a kill with what that has made, and leaves nothing of it in the end", async () => {
    const before = await cluster.everythingSettled();
    const gateway = ["get", "gateways.gateway.networking.k8s.io", "istio-eastwest", "--namespace=istio-eastwest"];
    const isMade = () => {
      try {
        return cluster.kubectl(...gateway, "--output=name") !== "";
      } catch {
        // Its definition is not there yet.
        return false;
      }
    };
    // Nothing has programmed it yet, so that its resource waits.
    cluster.stopControllers();
    await cluster.killedUp("killed", settings(), isMade);
    const uid = cluster.kubectl(...gateway, "--output=jsonpath={.metadata.uid}");
    const stack = await cluster.stack("killed", settings());
    await stack.cancel();
    cluster.playControllers();
    expect(await cluster.wholeUp("killed", settings())).toMatchObject({ create: expect.any(Number) as number });
    expect(cluster.kubectl(...gateway, "--output=jsonpath={.metadata.uid}")).toBe(uid);
    expect(changes(await stack.preview())).toEqual({ same: expect.any(Number) as number });
    await stack.destroy();
    await expectEverything(before);
  });

  it("uses the Gateway API that somebody else keeps, and adopts every namespace", async () => {
    const definitions = JSON.parse(
      JSON.stringify(bundledDefinitions("v1.4.0")).replaceAll('bundle-version":"v1.4.0', 'bundle-version":"v1.3.0'),
    ) as object[];
    cluster.apply(...definitions, namespace("istio-eastwest"), namespace("demo"), configMap("theirs", "demo"));
    cluster.kubectl("wait", "--for=condition=Established", "crd", "gatewayclasses.gateway.networking.k8s.io");
    cluster.apply(gatewayClass("nginx", "example.org/nginx"));
    const before = await cluster.everythingSettled();

    const stack = await cluster.stack("two", settings());
    cluster.playControllers();
    const { stdout } = await stack.up();
    expect(stdout).toMatch(/Cluster found: it has the Gateway API v1\.3\.0, which this stack did not install/);
    await stack.destroy();
    await expectEverything(before);
  });

  it("is refused where another mesh is, before anything is made", async () => {
    cluster.apply({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "istiod-canary", namespace: "apps", labels: { app: "istiod" } },
      spec: {
        selector: { matchLabels: { app: "istiod" } },
        template: { metadata: { labels: { app: "istiod" } }, spec: { containers: [{ name: "c", image: "pilot" }] } },
      },
    });
    cluster.apply(configMap("cacerts", "apps"), {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "cacerts", namespace: "istio-system" },
    });
    const before = await cluster.everythingSettled();
    const stack = await cluster.stack("three", settings({ network: "other" }));
    await expect(stack.up()).rejects.toThrow(
      /control plane already \(Deployment apps\/istiod-canary\)[^]*Secret istio-system\/cacerts[^]*root: \{existing: true\}/,
    );
    expect(cluster.everything()).toEqual(before);
  });
});
