import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer, carryOut, ownAccess } from "../../../kubernetes";

interface Asked {
  readonly request: string;
  readonly type: string | undefined;
  readonly body: unknown;
}

describe("what has drifted is put back", () => {
  let api: Server;
  let server: ApiServer;
  const changes: Asked[] = [];
  /** Answers to changes, in order; 200 once there are none. */
  const answers: { readonly status: number; readonly message: string }[] = [];
  const live = new Map<string, unknown>();

  beforeEach(async () => {
    changes.length = 0;
    answers.length = 0;
    live.clear();
    const core = [
      { name: "secrets", kind: "Secret", namespaced: true },
      { name: "namespaces", kind: "Namespace", namespaced: false },
    ];
    live.set("/api/v1", { resources: core });
    live.set("/apis/apps/v1", { resources: [{ name: "deployments", kind: "Deployment", namespaced: true }] });
    live.set("/apis/apiextensions.k8s.io/v1", {
      resources: [{ name: "customresourcedefinitions", kind: "CustomResourceDefinition", namespaced: false }],
    });
    api = createServer((request, response) => {
      void text(request).then((body) => {
        const path = decodeURIComponent(request.url ?? "");
        response.setHeader("content-type", "application/json");
        if (request.method === "GET") {
          const found = live.get(path);
          response.statusCode = found === undefined ? 404 : 200;
          response.end(JSON.stringify(found ?? { kind: "Status" }));
          return;
        }
        const { "content-type": type } = request.headers;
        changes.push({
          request: `${request.method ?? ""} ${path}`,
          type,
          body: body === "" ? undefined : (JSON.parse(body) as unknown),
        });
        const { status, message } = answers.shift() ?? { status: 200, message: "" };
        response.statusCode = status;
        response.end(JSON.stringify({ kind: "Status", message }));
      });
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const url = `http://127.0.0.1:${String((api.address() as AddressInfo).port)}`;
    const kubeconfig = {
      "current-context": "c",
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      clusters: [{ name: "c", cluster: { server: url } }],
      users: [{ name: "u", user: { token: "a-token" } }],
    };
    server = await ApiServer.open(ownAccess(JSON.stringify(kubeconfig), "a test's kubeconfig", "c"));
  });
  afterEach(() => {
    api.closeAllConnections();
    api.close();
  });

  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" } };
  const path = "/api/v1/namespaces/n/secrets/s";
  const applied = `PATCH ${path}?fieldManager=m&force=true`;

  it("by a forced server-side apply, a Secret's texts as data", async () => {
    const object = { ...secret, stringData: { key: "value" } };
    await carryOut(server, [{ kind: "apply", object, fieldManager: "m" }]);
    const body = { ...secret, data: { key: "dmFsdWU=" } };
    expect(changes).toEqual([{ request: applied, type: "application/apply-patch+yaml", body }]);
  });

  it("a definition with the names that the API server knows", async () => {
    const metadata = { name: "things.example.com" };
    const definition = (schema: object) => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata,
      spec: { versions: [schema] },
    });
    const object = definition({ x_kubernetes_list_type: "set" });
    await carryOut(server, [{ kind: "apply", object, fieldManager: "m" }]);
    expect(changes[0]?.body).toEqual(definition({ "x-kubernetes-list-type": "set" }));
  });

  it("anew where what was made instead can't be changed", async () => {
    answers.push({ status: 422, message: "type: Invalid value: field is immutable" });
    await carryOut(server, [{ kind: "apply", object: secret, fieldManager: "m" }]);
    expect(changes.map(({ request }) => request)).toEqual([
      applied,
      `DELETE ${path}?propagationPolicy=Background`,
      applied,
    ]);
  });

  it("but a namespace is never deleted for it", async () => {
    answers.push({ status: 422, message: "field is immutable" });
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name: "n" } };
    await expect(carryOut(server, [{ kind: "apply", object, fieldManager: "m" }])).rejects.toThrow(
      "Namespace n can't be put back: the API server answers 422: field is immutable",
    );
    expect(changes).toHaveLength(1);
  });

  it("and says which rights it takes", async () => {
    answers.push({ status: 403, message: 'User "u" cannot patch resource "secrets"' });
    await expect(carryOut(server, [{ kind: "apply", object: secret, fieldManager: "m" }])).rejects.toThrow(
      /^Secret n\/s can't be put back: .*cannot patch resource.* needs the rights of rbac\/update\.yaml\.$/,
    );
  });

  it("once more where the API server has a temporary problem", async () => {
    answers.push({ status: 503, message: "apiserver is shutting down" });
    await carryOut(server, [{ kind: "apply", object: secret, fieldManager: "m" }]);
    expect(changes).toHaveLength(2);
  });

  it("by a merge patch, unless the object is gone: then Helm makes it", async () => {
    answers.push({ status: 404, message: "not found" });
    const object = { apiVersion: "apps/v1", kind: "Deployment", name: "istiod", namespace: "n" };
    await carryOut(server, [{ kind: "patch", object, patch: { spec: { replicas: 1 } } }]);
    expect(changes).toEqual([
      {
        request: "PATCH /apis/apps/v1/namespaces/n/deployments/istiod?fieldManager=flatmesh",
        type: "application/merge-patch+json",
        body: { spec: { replicas: 1 } },
      },
    ]);
  });

  const records = "/api/v1/namespaces/n/secrets?labelSelector=owner=helm,name=base";
  const record = (status: string, version: string) => ({ metadata: { labels: { status, version } } });

  it("by an empty, failed record, to which no upgrade is rolled back, after those of no use", async () => {
    live.set(records, { items: [record("pending-upgrade", "3")] });
    await carryOut(server, [{ kind: "record", release: { name: "base", namespace: "n" } }]);
    const { request, body } = changes[0] ?? {};
    expect(request).toBe("POST /api/v1/namespaces/n/secrets");
    const { metadata, stringData } = body as {
      readonly metadata: object;
      readonly stringData: { readonly release: string };
    };
    expect(metadata).toMatchObject({
      name: "sh.helm.release.v1.base.v4",
      labels: { owner: "helm", name: "base", status: "failed", version: "4" },
    });
    const release: unknown = JSON.parse(gunzipSync(Buffer.from(stringData.release, "base64")).toString());
    expect(release).toMatchObject({ name: "base", version: 4, info: { status: "failed" }, manifest: "" });
  });

  it.each([[{ items: [record("deployed", "2")] }, 0] as const, [{ items: null }, 1] as const, [undefined, 1] as const])(
    "and by none where an upgrade can begin: %j",
    async (found, written) => {
      live.set(records, found);
      await carryOut(server, [{ kind: "record", release: { name: "base", namespace: "n" } }]);
      expect(changes).toHaveLength(written);
    },
  );
});
