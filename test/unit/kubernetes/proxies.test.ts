import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { type Access, ApiServer, getFromPod, ownAccess, runInPod } from "../../../kubernetes";
import { Cluster } from "../../../rehearsal/plugins/kubernetes/cluster";
import { forwardToPods } from "../../support/pod-forward";
import { connectProxy, secureServer, socksProxy } from "../../support/proxies";

/** A name that no machine has: only a proxy leads to it. */
const name = "east.invalid";

beforeEach(() => {
  for (const variable of ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"]) {
    vi.stubEnv(variable, "");
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function apiServer() {
  const server = await secureServer(name, (request, response) => {
    response.end(JSON.stringify({ path: request.url }));
  });
  forwardToPods(
    server.server,
    () => ({ dump: true }),
    () => undefined,
  );
  const access = (cluster: object = {}): Access => {
    const authority = Buffer.from(server.authority).toString("base64");
    return ownAccess(
      stringify({
        "current-context": "east",
        contexts: [{ name: "east", context: { cluster: "east", user: "me" } }],
        clusters: [
          {
            name: "east",
            cluster: {
              server: `https://${name}:${String(server.port)}`,
              "certificate-authority-data": authority,
              ...cluster,
            },
          },
        ],
        users: [{ name: "me", user: { token: "a-token" } }],
      }),
      "its kubeconfig",
    );
  };
  return { ...server, access, target: `${name}:${String(server.port)}` };
}

const asked = async (access: Access) => (await ApiServer.open(access)).get("/it");
const url = ({ port }: { readonly port: number }, scheme = "http", credentials = "") =>
  `${scheme}://${credentials}127.0.0.1:${String(port)}`;

describe("a cluster behind a proxy", () => {
  it("is asked through that of the environment, objects and pods alike", async () => {
    await using server = await apiServer();
    await using proxy = await connectProxy(200, "me:p@ss");
    vi.stubEnv("HTTPS_PROXY", url(proxy, "http", "me:p%40ss@"));
    const access = server.access();
    expect(await asked(access)).toEqual({ path: "/it" });
    expect(proxy.asked).toEqual([server.target]);
    const pod = { namespace: "n", pod: "p", port: 15020 };
    expect(await getFromPod(access, pod, "/")).toEqual({ dump: true });
    expect(proxy.asked).toEqual([server.target, server.target]);
    const run = runInPod(access, { namespace: "n", pod: "p", container: "c" }, ["true"], 3000);
    await expect(run).rejects.toThrow("pod n/p");
    expect(proxy.asked.length).toBeGreaterThan(2);
  });

  it("is asked through that of its entry, whatever the environment says", async () => {
    await using server = await apiServer();
    await using proxy = await connectProxy();
    await using socks = await socksProxy();
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("NO_PROXY", "*");
    expect(await asked(server.access({ "proxy-url": url(proxy) }))).toEqual({ path: "/it" });
    expect(await asked(server.access({ "proxy-url": url(socks, "socks5") }))).toEqual({ path: "/it" });
    expect([proxy.asked, socks.asked]).toEqual([[server.target], [server.target]]);
  });

  it("is asked directly by NO_PROXY, and on this machine", async () => {
    await using server = await apiServer();
    await using proxy = await connectProxy();
    vi.stubEnv("HTTPS_PROXY", url(proxy));
    vi.stubEnv("NO_PROXY", "10.0.0.0/8,.invalid");
    await expect(asked(server.access())).rejects.toThrow(/ENOTFOUND|EAI_AGAIN/);
    vi.stubEnv("NO_PROXY", "");
    const here = { server: `https://127.0.0.1:${String(server.port)}`, "tls-server-name": name };
    expect(await asked(server.access(here))).toEqual({ path: "/it" });
    expect(proxy.asked).toEqual([]);
  });

  it("is named with its proxy where that refuses, and without its password", async () => {
    await using server = await apiServer();
    await using proxy = await connectProxy(200, "me:right");
    const refusal = asked(server.access({ "proxy-url": url(proxy, "http", "me:wrong@") }));
    await expect(refusal).rejects.toThrow(`the proxy answers 407 (through the proxy ${url(proxy)})`);
    vi.stubEnv("HTTPS_PROXY", "http://me:wrong@127.0.0.1:1");
    await expect(asked(server.access())).rejects.toThrow(/ECONNREFUSED.*\(through the proxy http:\/\/127\.0\.0\.1:1\)/);
  });

  it("is asked through it by the stand-in for Pulumi's plugin too, as by the plugin itself", async () => {
    await using server = await apiServer();
    await using proxy = await connectProxy();
    vi.stubEnv("https_proxy", url(proxy));
    const cluster = await Cluster.open(await server.access().config());
    expect(await cluster.get("/it")).toEqual({ path: "/it" });
    expect(proxy.asked).toEqual([server.target]);
  });
});
