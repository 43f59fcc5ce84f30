import type * as http from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { targetCluster } from "../../../components/clusters";
import { clearPending, helmRelease } from "../../../components/helm";
import { existing, kind, kwok, parse } from "../settings/config";
import { run } from "./mocks";
import { clustersOf } from "./preflight";

describe.each([false, true])("a release, preview %s", (preview) => {
  it("has the name, chart and version that it is given, and is undone when it fails", async () => {
    const { one } = await run(
      () => {
        const cluster = targetCluster(theCluster(kind("a")));
        const chart = { chart: "oci://example.com/base", version: "1.0.0" };
        const values = { secret: pulumi.secret("s") };
        helmRelease("a-1-base", { cluster, name: "base", namespace: "n", chart, values }, {});
      },
      { preview },
    );
    const { inputs, secrets } = one("Release", "a-1-base");
    expect(inputs).toMatchObject({
      name: "base",
      namespace: "n",
      chart: "oci://example.com/base",
      version: "1.0.0",
      values: { secret: "s" },
      timeout: 600,
      atomic: true,
    });
    expect(secrets).toEqual(["values"]);
  });
});

describe("before a release is", () => {
  const requests: string[] = [];
  let api: http.Server;
  beforeEach(async () => {
    requests.length = 0;
    api = createServer((request, response) => {
      requests.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers.authorization ?? ""}`);
      response.setHeader("content-type", "application/json").end("{}");
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    api.close();
  });

  const pending = "owner=helm,name=base,status in (pending-install,pending-upgrade,pending-rollback)";
  const every = "owner=helm,name=base";
  const inputs = { name: "base", namespace: "n" };
  it.each([
    ["made in a cluster of the stack, every record of its name is an orphan", kwok("a"), undefined, every],
    ["changed in a cluster of the stack, the record of a killed attempt is removed", kwok("a"), inputs, pending],
    ["made in a cluster that was there before, finished ones are somebody's", existing("a"), undefined, pending],
    ["changed in a cluster that was there before, they are too", existing("a"), inputs, pending],
  ])("%s", async (_, settings, oldInputs, selector) => {
    const { port } = api.address() as AddressInfo;
    const kubeconfig = kubeconfigFor(`http://127.0.0.1:${String(port)}`);
    const cluster = settings.provisioner === "kwok" ? settings : { ...settings, context: "kwok-a", kubeconfig };
    const { value: hook } = await run(() => clearPending("a-base", targetCluster(theCluster(cluster))), {
      kubeconfigs: { a: kubeconfig },
    });
    await hook.callback({
      urn: "",
      id: "",
      name: "",
      type: "",
      newInputs: inputs,
      ...(oldInputs && { oldInputs }),
    });
    expect(requests).toHaveLength(1);
    const [method, url = "", ...authorization] = requests[0]?.split(" ") ?? [];
    const { pathname, searchParams } = new URL(url, "http://api");
    expect([method, pathname, searchParams.get("labelSelector")]).toEqual([
      "DELETE",
      "/api/v1/namespaces/n/secrets",
      selector,
    ]);
    expect(authorization).toEqual(["Bearer", "a-token"]);
  });
});

/** Its current context is not the one that is wanted. */
function kubeconfigFor(server: string): string {
  return JSON.stringify({
    "current-context": "other",
    contexts: [{ name: "kwok-a", context: { cluster: "it", user: "it" } }],
    clusters: [{ name: "it", cluster: { server } }],
    users: [{ name: "it", user: { token: "a-token" } }],
  });
}

function theCluster(settings: object) {
  const [cluster] = clustersOf(parse({ clusters: [settings], loadBalancer: undefined }));
  if (cluster === undefined) {
    throw new Error("no cluster");
  }
  return cluster;
}
