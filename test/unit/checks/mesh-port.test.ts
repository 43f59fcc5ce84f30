import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { meshPortBy } from "../../../checks/mesh/mesh-port";
import { tryFromNode } from "../../../checks/mesh/node-connections";
import { demoCluster } from "./fake-demo";
import { against, clusterOf, findingsOf, told } from "./fake-reader";

/** What a node of `one` says of the pod of `two`, on both ports, and what curl says in `one`. */
async function find(mesh: string, own: string, curl = "200 0", providerId = "kind://docker/one/node") {
  const [one, two] = [demoCluster("one", { ips: [], providerId }), demoCluster("two", { ips: ["10.20.0.5"] })];
  one.commands.set("sleep-one", (command) =>
    command
      .slice(4)
      .map((url) => `${url} ${curl}\n`)
      .join(""),
  );
  const check = meshPortBy(() => Promise.resolve(`10.20.0.5 15008 ${mesh}\n10.20.0.5 5000 ${own}\n`));
  const clusters = [clusterOf("one", one), clusterOf("two", two)];
  return (await findingsOf(check, { clusters, expected: {} })).filter(({ cluster }) => cluster === "one");
}

describe("mesh-port", () => {
  it.each([
    ["silent", "open", "000 28", /port 15008 .* is blocked: .* whereas port 5000 of the same pod answers/],
    ["refused", "open", "000 56", /refuses connections .* a firewall rejects this port/],
    ["silent", "silent", "000 28", /can't reach pod .* at all/],
    ["open", "open", "000 28", /can be reached from the nodes, but not from pod demo\/sleep-one/],
  ])("tells %s on 15008, %s on the pod's own port, and %s from a pod apart", async (mesh, own, curl, message) => {
    expect(against(await find(mesh, own, curl))).toEqual([expect.stringMatching(message)]);
  });

  it("holds where both ways are open, and judges by pods alone where nodes are elsewhere", async () => {
    expect(told(await find("open", "open"))).toEqual([
      expect.stringMatching(/^passed one: port 15008 .* 1 nodes and pod/),
    ]);
    expect(told(await find("", "", "000 28", "aws:///node"))).toEqual([
      expect.stringMatching(/^notObservable one: /),
      expect.stringMatching(/^failed one: a call from pod demo\/sleep-one .* which ztunnel sends to port 15008, fails/),
    ]);
  });

  it("tries real sockets: one that listens, and one that refuses", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const here = async (_: unknown, [program = "", ...args]: readonly string[]) =>
      (await promisify(execFile)(program, args)).stdout;
    const targets = [
      { ip: "127.0.0.1", port },
      { ip: "127.0.0.1", port: 1 },
    ];
    const came = await tryFromNode({ node: "node", cluster: "one" }, targets, here);
    server.close();
    expect([...(came ?? [])].toSorted()).toEqual(
      [
        [`127.0.0.1 ${String(port)}`, "open"],
        ["127.0.0.1 1", "refused"],
      ].toSorted(),
    );
  });
});
