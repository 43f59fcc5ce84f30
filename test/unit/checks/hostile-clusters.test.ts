import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { checks, fromContexts, prechecks, runChecks } from "../../../checks";
import { connectionsIn } from "../../../istio";
import { ApiServer, connectToPod, Forbidden, foreignAccess, runInPod, Unreachable } from "../../../kubernetes";
import { FakeApiServer } from "../../support/fake-api-server";
import { HostileApiServer, hostilities } from "../../support/hostile-api-server";
import { node, workload } from "./fake-objects";

const token = "a-token-that-nobody-else-may-see";

let folder = "";
const opened: { close(): void }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-hostile-"));
});
afterEach(() => {
  opened.splice(0).forEach((server) => {
    server.close();
  });
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

function kubeconfig(name: string, url: string, user: object = { token }): string {
  return JSON.stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server: url } }],
    users: [{ name, user }],
  });
}

const kept = <Server extends { close(): void }>(server: Server): Server => {
  opened.push(server);
  return server;
};

/** An error that a person can read, and that has no more than there is to say. */
function expectReadable(error: unknown): void {
  expect(error instanceof Unreachable || error instanceof Forbidden, String(error)).toBe(true);
  const { message } = error as Error;
  expect(message.length).toBeLessThan(700);
  expect(message).not.toContain(token);
  expect(message).not.toMatch(/\p{Cc}/u);
}

describe("an API server that answers with", () => {
  const lists = Object.entries(hostilities).filter(([name]) => !["noDates", "wordsForNames"].includes(name));
  it.each(lists)("%s is given up: a list", async (_, hostility) => {
    const { url } = kept(await HostileApiServer.open(hostility));
    const server = await ApiServer.open(foreignAccess(kubeconfig("it", url), "it"), 400);
    const start = performance.now();
    expectReadable(await server.items("/api/v1/pods").catch((error: unknown) => error));
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it.each(["byteByByte", "silence", "hugeBody", "redirect"] as const)("%s is given up: an object", async (name) => {
    const { url } = kept(await HostileApiServer.open(hostilities[name]));
    const server = await ApiServer.open(foreignAccess(kubeconfig("it", url), "it"), 400);
    expectReadable(await server.get("/version").catch((error: unknown) => error));
    if (name !== "redirect") {
      expectReadable(await server.clock().catch((error: unknown) => error));
    }
  });

  it("no date has no clock", async () => {
    const { url } = kept(await HostileApiServer.open(hostilities.noDates));
    const server = await ApiServer.open(foreignAccess(kubeconfig("it", url), "it"));
    await expect(server.clock()).rejects.toThrow("it answers without a date");
  });
});

describe("a connection to a pod", () => {
  const place = { namespace: "n", pod: "p", container: "c" };
  it.each([
    ["a status that is none", [Buffer.from("\u0003{")]],
    ["a stream that nobody knows", [Buffer.from("\u0009x")]],
    ["a fault without end", [Buffer.from(`\u0003${JSON.stringify({ status: "Failure", message: "x".repeat(1e6) })}`)]],
    ["more than anybody asked for", Array.from({ length: 9 }, () => Buffer.alloc(8 << 20, 1))],
  ])("is given up over %s", async (_, frames) => {
    const { url } = kept(await HostileApiServer.open(hostilities.silence, frames));
    const access = foreignAccess(kubeconfig("it", url), "it");
    expectReadable(await runInPod(access, place, ["true"], 5000).catch((error: unknown) => error));
  });

  it("is given up where nothing answers", async () => {
    const { url } = kept(await HostileApiServer.open(hostilities.silence));
    const access = foreignAccess(kubeconfig("it", url), "it");
    expectReadable(await runInPod(access, place, ["true"], 300).catch((error: unknown) => error));
  });

  it("to a port carries so much and no more", async () => {
    const frames = Array.from({ length: 9 }, () => Buffer.alloc(8 << 20, 0));
    const { url } = kept(await HostileApiServer.open(hostilities.silence, frames));
    const stream = await connectToPod(foreignAccess(kubeconfig("it", url), "it"), { ...place, port: 1 });
    stream.resume();
    await vi.waitFor(() => {
      expectReadable(stream.errored);
    }, 20_000);
  });
});

describe("checks of a hostile cluster", () => {
  // Those that only wait would take as long as each of many requests may.
  const quick = Object.entries(hostilities).filter(([name]) => !["byteByByte", "silence", "hugeBody"].includes(name));
  it.each(quick)("end, and find nothing in order: %s", async (_, hostility) => {
    const { url } = kept(await HostileApiServer.open(hostility));
    writeFileSync(join(folder, "config"), kubeconfig("it", url), { mode: 0o600 });
    vi.stubEnv("KUBECONFIG", join(folder, "config"));
    const { mesh } = await fromContexts(["it"]);
    const results = await runChecks([...checks, ...prechecks], mesh);
    const findings = results.flatMap(({ findings: list }) => list);
    expect(results.some(({ status }) => ["unknown", "failed"].includes(status))).toBe(true);
    for (const { message, remedy = "", cluster = "" } of findings) {
      expect(message.length + remedy.length + cluster.length).toBeLessThan(3000);
      expect(message + remedy + cluster).not.toMatch(/\p{Cc}/u);
      // What is advised to be run has no word of the cluster but names.
      expect(remedy).not.toMatch(/\$\(|`|--kubeconfig/);
      expect(message).not.toContain(token);
    }
    expect(findings.filter(({ message }) => message.includes("fault of the check itself"))).toEqual([]);
  });

  it("run nothing that a Secret there names, and read no file of it", async () => {
    const made = join(folder, "made");
    const program = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "touch",
      args: [made],
      interactiveMode: "Never",
    };
    const exec = kubeconfig("two", "https://two.example:6443", { token: "t", "<<": { exec: program } });
    const looks = await Promise.all(
      ["one", "two"].map(async (name) => [name, kept(await FakeApiServer.open())] as const),
    );
    for (const [name, server] of looks) {
      const peer = name === "one" ? "two" : "one";
      const list = (path: string, ...items: object[]) => server.objects.set(path, { items });
      list("/api/v1/nodes?limit=500", node(`${name}-node`, { hollow: true }));
      list(
        "/apis/apps/v1/deployments?labelSelector=app=istiod&limit=500",
        workload("istio-system/istiod", "istiod", { CLUSTER_ID: name }),
      );
      const texts = [
        exec,
        kubeconfig("two", "https://two.example", { token: "t", exec: program }),
        kubeconfig("two", "https://two.example", { tokenFile: "/etc/hostname" }),
      ];
      list(
        "/api/v1/namespaces/istio-system/secrets?labelSelector=istio/multiCluster=true&limit=500",
        ...texts.map((text, index) => ({
          metadata: { name: `secret-${String(index)}`, namespace: "istio-system" },
          data: { [peer]: Buffer.from(text).toString("base64") },
        })),
      );
      writeFileSync(join(folder, name), kubeconfig(name, server.url), { mode: 0o600 });
    }
    vi.stubEnv("KUBECONFIG", looks.map(([name]) => join(folder, name)).join(":"));
    const { mesh } = await fromContexts(["one", "two"]);
    const chosen = checks.filter(({ id }) => ["remote-secrets", "remote-api-servers"].includes(id));
    const results = await runChecks(chosen, mesh);
    expect(existsSync(made)).toBe(false);
    const failures = results.flatMap(({ findings }) => findings).filter(({ status }) => status === "failed");
    const told = failures.filter(({ cluster }) => cluster === "one").map(({ message }) => message);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/Secret istio-system\/secret-0: .*merge key/),
        expect.stringMatching(/Secret istio-system\/secret-1: .*exec, which would run a program/),
        expect.stringMatching(/Secret istio-system\/secret-2: .*tokenFile, which would read a file/),
      ]),
    );
  });
});

describe("a log", () => {
  it.each([
    ["one line", "a".repeat(40_000)],
    ["a line as long as one that is read", "a".repeat(16_000)],
    ["keys without values", "a=".repeat(8000)],
    ["quotes that don't end", 'a="\\'.repeat(4000)],
    ["spaces", " ".repeat(16_000)],
  ])("of %s is read at once", (_, words) => {
    const start = performance.now();
    connectionsIn(
      Array.from({ length: 20 }, () => `2026-01-01T00:00:00Z info access connection complete ${words}`).join("\n"),
    );
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("of a time that is none tells of no connection", () => {
    expect(connectionsIn('now info access connection complete dst.addr="1.2.3.4:1" direction=inbound')).toEqual([]);
  });
});
