import type * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { reissueAnnotation } from "../../../../components/mesh";
import { waitForIstiodReload } from "../../../../components/mesh/istiod-reload";
import { certify, meshObjects, servedBelow, type TestCertificate } from "../../../support/authorities";
import { FakeApiServer } from "../../../support/fake-api-server";
import type { Served } from "../../../support/pod-forward";
import { run } from "../mocks";

let root: TestCertificate;
let intermediates: { readonly old: TestCertificate; readonly new: TestCertificate };
let served: { readonly old: Served; readonly new: Served };
beforeAll(async () => {
  root = await certify("Root CA");
  intermediates = { old: await certify("Intermediate CA", root), new: await certify("Intermediate CA", root) };
  served = { old: await servedBelow(intermediates.old), new: await servedBelow(intermediates.new) };
});

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.open();
  play(root.pem);
});
afterEach(() => {
  server.close();
});

/** The Secret has the new intermediate, and istiod tells of these roots. */
function play(published: string): void {
  const files = { "ca-cert.pem": intermediates.new.pem, "root-cert.pem": root.pem };
  for (const [path, object] of meshObjects(files, published, [])) {
    server.objects.set(path, object);
  }
}

/** Runs the hook of ztunnel's release as the engine does before a change of its annotation. */
async function hook(from: string | undefined, to: string | undefined, patience?: number): Promise<void> {
  let before: pulumi.ResourceHook | undefined;
  await run(() => {
    const kubeconfig = JSON.stringify({
      contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
      clusters: [{ name: "it", cluster: { server: server.url, "insecure-skip-tls-verify": true } }],
      users: [{ name: "it", user: {} }],
    });
    const cluster = { clusterName: "a", access: { kubeconfig, context: "it" } };
    before = waitForIstiodReload("a-1-istiod-reload", cluster, patience);
  });
  const inputs = (reissue: string | undefined) => ({
    values: reissue === undefined ? {} : { podAnnotations: { [reissueAnnotation]: reissue } },
  });
  await before?.callback({ urn: "", id: "", name: "", type: "", oldInputs: inputs(from), newInputs: inputs(to) });
}

describe("before ztunnel restarts", () => {
  it("istiod signs with what its Secret has", async () => {
    server.served.set("istiod", served.new);
    await hook(undefined, "1");
  });

  it("it is waited for as long as it signs with the intermediate of before", async () => {
    server.served.set("istiod", served.old);
    const later = setTimeout(() => server.served.set("istiod", served.new), 500);
    await hook("1", "2");
    clearTimeout(later);
    expect(server.served.get("istiod")).toBe(served.new);
  });

  it("the kubelets are asked to bring the Secret at once, and once for a while", async () => {
    server.served.set("istiod", served.old);
    const later = setTimeout(() => server.served.set("istiod", served.new), 2500);
    await hook("1", "2");
    clearTimeout(later);
    const annotations = { "flatmesh/cacerts-asked-for": expect.stringMatching(/^2.*Z$/) as string };
    expect([...server.patches]).toEqual([
      ["/api/v1/namespaces/istio-system/pods/istiod", [{ metadata: { annotations } }]],
    ]);
  });

  it.each([
    [
      "signs with another intermediate",
      () => server.served.set("istiod", served.old),
      /Cluster a: ztunnel is not restarted, since pod istio-system\/istiod does not sign with the intermediate/,
    ],
    [
      "does not publish the Secret's roots",
      () => {
        play("");
      },
      /since istiod does not publish the roots in its Secret cacerts/,
    ],
    ["does not answer", () => server.served.delete("istiod"), /since no connection to pod istio-system\/istiod/],
  ])("an up fails where istiod %s in the end", async (_, change, reason) => {
    server.served.set("istiod", served.new);
    change();
    await expect(hook("1", "2", -1)).rejects.toThrow(reason);
  });

  it("nothing is waited for where no istiod runs", async () => {
    server.objects.set("/api/v1/nodes", { items: [] });
    await hook("1", "2");
  });
});

describe("where ztunnel does not restart", () => {
  it.each([
    ["asks for nothing", undefined],
    ["asks for what it asked before", "1"],
  ])("istiod is not asked: an update %s", async (_, to) => {
    const asked = vi.spyOn(server.served, "get");
    await hook("1", to);
    expect(asked).not.toHaveBeenCalled();
    expect(server.patches.size).toBe(0);
  });
});
