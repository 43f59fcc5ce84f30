import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { ApiServer, ownAccess, Unreachable } from "../../../kubernetes";
import { kubeconfigText } from "../components/mocks";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** An API server that answers in these ways, one after the other, and at last with an object. */
async function opened(...ways: readonly RequestListener[]) {
  const methods: string[] = [];
  server = createServer((request, response) => {
    methods.push(request.method ?? "");
    const way = ways[methods.length - 1];
    if (way === undefined) {
      response.end(JSON.stringify({ kind: "Namespace" }));
    } else {
      way(request, response);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const text = kubeconfigText("it").replace("https://127.0.0.1:6443", url);
  return { api: await ApiServer.open(ownAccess(text, "a test's kubeconfig", "it")), methods };
}

const status =
  (code: number, message = ""): RequestListener =>
  (_, response) =>
    response.writeHead(code).end(JSON.stringify({ kind: "Status", message }));
const reset: RequestListener = (request) => request.socket.destroy();

it.each([
  ["cuts the connection", reset],
  ["has too many requests", status(429)],
  ["is not available", status(503, "the server is currently unable to handle the request")],
  ["waits for etcd's leader", status(500, "etcdserver: leader changed")],
  ["is behind a gateway that times out", status(504)],
])("an API server that %s is asked again, twice at most", async (_, way) => {
  const { api, methods } = await opened(way, way);
  expect(await api.get("/api/v1/namespaces/x")).toEqual({ kind: "Namespace" });
  expect(methods).toHaveLength(3);

  server?.close();
  const other = await opened(way, way, way);
  await expect(other.api.get("/api/v1/namespaces/x")).rejects.toThrow(Unreachable);
  expect(other.methods).toHaveLength(3);
});

it.each([
  ["has no such object", status(404)],
  ["forbids it", status(403, "is forbidden")],
  ["fails in another way", status(500, "a bug")],
])("an API server that %s is asked once", async (_, way) => {
  const { api, methods } = await opened(way);
  await api.get("/api/v1/namespaces/x").catch(() => undefined);
  expect(methods).toHaveLength(1);
});

it("what changes something is not sent twice", async () => {
  const { api, methods } = await opened(reset, reset);
  await expect(api.annotate("/api/v1/namespaces/x", { a: "b" })).rejects.toThrow(Unreachable);
  expect(methods).toEqual(["PATCH"]);
});
