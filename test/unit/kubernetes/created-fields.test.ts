import { afterEach, beforeEach, expect, it } from "vitest";
import { ApiServer, awaitDeletion, isTransient, ownAccess } from "../../../kubernetes";
import { FakeApiServer } from "../../support/fake-api-server";

let fake: FakeApiServer;
let server: ApiServer;
beforeEach(async () => {
  fake = await FakeApiServer.open();
  const kubeconfig = JSON.stringify({
    clusters: [{ name: "c", cluster: { server: fake.url } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { token: "secret-token" } }],
    "current-context": "c",
  });
  server = await ApiServer.open(ownAccess(kubeconfig, "the test's kubeconfig", "c"));
  fake.objects.set("/api/v1", { resources: [{ name: "namespaces", kind: "Namespace", namespaced: false }] });
});
afterEach(() => {
  fake.close();
});

const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "demo" } };
const path = "/api/v1/namespaces/demo";

it("waits until an object that is being deleted is gone", async () => {
  fake.objects.set(path, { ...namespace, metadata: { name: "demo", deletionTimestamp: "2026-01-01T00:00:00Z" } });
  let gone = false;
  setTimeout(() => {
    gone = true;
    fake.objects.delete(path);
  }, 300);
  await awaitDeletion(server, namespace);
  expect(gone).toBe(true);
});

it("does not wait for an object that stays, nor for one of a kind that the API server does not know", async () => {
  fake.objects.set(path, namespace);
  await awaitDeletion(server, namespace);
  await awaitDeletion(server, { ...namespace, kind: "Other" });
});

it("has an object made again once it is deleted, and not while it stays", () => {
  expect(isTransient('object is being deleted: namespaces "demo" already exists')).toBe(true);
  expect(isTransient('namespaces "demo" already exists')).toBe(false);
});
