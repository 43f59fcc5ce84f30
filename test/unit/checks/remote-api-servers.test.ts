import { describe, expect, it } from "vitest";
import { remoteApiServers } from "../../../checks/mesh/remote-api-servers";
import { against, clusterOf, findingsOf, told } from "./fake-reader";
import { meshCluster, pod } from "./fake-objects";

const server = "https://two-control-plane:6443";
const url = `${server}/version`;

/** A cluster that reads another one, with the demo's client where that prints something. */
function reader(printed?: string, hollow = false) {
  const look = meshCluster("one", { hollow });
  const kubeconfig = JSON.stringify({
    "current-context": "two",
    contexts: [{ name: "two", context: { cluster: "two", user: "two" } }],
    clusters: [{ name: "two", cluster: { server } }],
    users: [{ name: "two", user: { token: "secret" } }],
  });
  look.add("/api/v1/namespaces/istio-system/secrets", {
    metadata: { name: "two", namespace: "istio-system", labels: { "istio/multiCluster": "true" } },
    data: { two: Buffer.from(kubeconfig).toString("base64") },
  });
  if (printed !== undefined) {
    look.add("/api/v1/pods", pod("demo/sleep-1", { labels: { app: "sleep" }, containers: ["sleep"] }));
    look.commands.set("sleep-1", () => printed);
  }
  return look;
}

const find = (look: ReturnType<typeof reader>) =>
  findingsOf(remoteApiServers, { clusters: [clusterOf("one", look)], expected: {} });

describe("remote-api-servers", () => {
  it.each([200, 401, 403])("holds where the answer is %i", async (status) => {
    const findings = await find(reader(`${url} ${String(status)} 0\n`));
    expect(told(findings)).toEqual([`passed one: ${server} (two) answers pod demo/sleep-1`]);
  });

  it.each([
    [`${url} 000 28\n`, /no answer within 5 seconds/],
    [`${url} 000 7\n`, /connection refused, or no route/],
    [`${url} 000 6\n`, /the host name does not resolve there/],
    ["", /curl exited with -1/],
  ])("sees one that does not answer (%s)", async (printed, reason) => {
    const [finding, ...rest] = await find(reader(printed));
    expect(rest).toEqual([]);
    expect(finding?.status).toBe("failed");
    expect(finding?.message).toMatch(reason);
    expect(finding?.message).toContain(server);
    expect(finding?.remedy).toContain("curl -vk https://two-control-plane:6443/version");
  });

  it("asks from a pod, with a limit for each call", async () => {
    const look = reader("");
    let asked: readonly string[] = [];
    look.commands.set("sleep-1", (command) => {
      asked = command;
      return `${url} 200 0\n`;
    });
    await find(look);
    expect(asked.slice(0, 2)).toEqual(["sh", "-c"]);
    expect(asked[2]).toContain("--max-time 5");
    expect(asked.slice(3)).toEqual(["sh", url]);
  });

  it.each([
    `2026-11-25T10:00:00Z\terror\twatch error in cluster two: failed to list *v1.Node: Get "${server}/api/v1/nodes?limit=500": dial tcp 172.18.0.3:6443: i/o timeout`,
    `2026-11-25T10:00:00Z\terror\tklog\tk8s.io/client-go/tools/cache/reflector.go:204: Failed to watch *v1.Pod: Get "${server}/api/v1/pods": dial tcp 172.18.0.3:6443: connect: no route to host`,
  ])("reads istiod's log where there is no client: %s", async (line) => {
    const look = reader();
    look.texts.set("/api/v1/namespaces/istio-system/pods/istiod-1/log", `an info line\n${line}\nanother\n`);
    const [finding] = await find(look);
    expect(finding?.status).toBe("failed");
    expect(finding?.message).toMatch(
      /istiod can't read two at https:\/\/two-control-plane:6443: dial tcp 172.18.0.3:6443/,
    );
  });

  it("takes silence for no proof", async () => {
    const look = reader();
    look.texts.set("/api/v1/namespaces/istio-system/pods/istiod-1/log", "watch error in cluster three: dial tcp\n");
    expect(against(await find(look))).toEqual([expect.stringMatching(/^unknown one: .*proves nothing/)]);
  });

  it("is not observable on kwok, and not asked where nothing is read", async () => {
    expect((await find(reader("", true))).map(({ status }) => status)).toEqual(["notObservable"]);
    expect((await find(meshCluster("one"))).map(({ status }) => status)).toEqual(["notApplicable"]);
  });
});
