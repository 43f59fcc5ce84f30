import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { currentAccess, judgeAccess } from "../../../preflight/access";
import type { PlannedCluster } from "../../../preflight/cluster-plan";
import type { ExistingClusterSettings } from "../../../settings";
import { resourceKey } from "../../../stacks";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-access-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

const names = ["a", "b"];
const community = { distribution: "community", links: "mesh", peerStacks: [] } as const;
const solo = { ...community, distribution: "solo" } as const;

function planned(changes: Partial<ExistingClusterSettings> = {}): readonly PlannedCluster[] {
  return names.map((name) => ({
    name,
    namePrefix: name,
    generation: 0,
    settings: { name, provisioner: "existing", context: name, ...changes },
  }));
}

function kubeconfig(cluster: object = {}): string {
  return JSON.stringify({
    contexts: names.map((name) => ({ name, context: { cluster: name } })),
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example:6443`, ...cluster } })),
  });
}

/** The engineer's own. */
function use(cluster: object = {}): void {
  writeFileSync(join(folder, "config"), kubeconfig(cluster));
  vi.stubEnv("KUBECONFIG", join(folder, "config"));
}

const recorded = (outputs: object) => new Map([[resourceKey("flatmesh:clusters:ExistingCluster", "a"), outputs]]);
const judge = (
  clusters = planned(),
  settings: Parameters<typeof judgeAccess>[1] = community,
  state: ReadonlyMap<string, unknown> = new Map(),
  offline = false,
) => judgeAccess(clusters, settings, state, new Map(), offline);

describe("what is recorded of the way to an existing cluster", () => {
  it("is the context's name and the address, and no kubeconfig of the engineer's", () => {
    use({ "tls-server-name": "a.internal" });
    expect(judge().value["a"]).toEqual({
      context: "a",
      apiServer: { url: "https://a.example:6443", tlsServerName: "a.internal" },
    });
    expect(judge(planned({ kubeconfig: kubeconfig() })).value["a"]?.kubeconfig).toContain("https://a.example");
  });

  it.each([
    ["an address", { context: "a", apiServer: { url: "https://10.0.0.5:6443" } }],
    [
      "the kubeconfig of an earlier version",
      { kubeconfig: kubeconfig({ server: "https://10.0.0.5:6443" }), context: "a" },
    ],
  ])("stays as the state has it, by %s, whatever somebody else's kubeconfig says", (_, outputs) => {
    use();
    const { value, problems } = judge(planned(), community, recorded(outputs));
    expect(value["a"]?.apiServer).toEqual({ url: "https://10.0.0.5:6443" });
    expect(problems).toEqual([
      {
        severity: "information",
        message:
          "Cluster a: your kubeconfig has its API server at https://a.example:6443, and its peers know it at https://10.0.0.5:6443, " +
          "as the state has it. That stays: set apiServer on the cluster if they are to use another address.",
      },
    ]);
    expect(judge(planned({ apiServer: "https://10.0.0.9" }), community, recorded(outputs)).problems).toEqual([]);
    expect(judge(planned(), solo, recorded(outputs)).problems).toEqual([]);
  });

  it("is another address where the recorded one is that of a machine for itself", () => {
    use();
    const state = recorded({ context: "a", apiServer: { url: "https://127.0.0.1:6443" } });
    expect(judge(planned(), community, state).value["a"]?.apiServer).toEqual({ url: "https://a.example:6443" });
  });

  it("is what the state has where nothing is asked, without any kubeconfig", () => {
    vi.stubEnv("KUBECONFIG", join(folder, "none"));
    const outputs = { context: "a", apiServer: { url: "https://10.0.0.5" }, uid: "1" };
    const [a] = planned();
    const clusters = a ? [a] : [];
    const { value } = judge(clusters, community, recorded(outputs), true);
    expect(value).toEqual({ a: { context: "a", apiServer: { url: "https://10.0.0.5" }, uid: "1" } });
    expect(() => currentAccess(clusters, recorded(outputs))).toThrow(
      /^Cluster a: your own kubeconfig \(\S+\) does not exist/,
    );
  });
});

describe("access to a cluster that exists", () => {
  it("is by the engineer's own kubeconfig with a context alone, whosever kubeconfig an earlier version has recorded", () => {
    use();
    const theirs = kubeconfig({ server: "https://theirs.example", "certificate-authority": "/no/such/file" });
    const access = currentAccess(planned(), recorded({ kubeconfig: theirs, context: "a" }));
    expect([...access].map(([name, { server }]) => [name, server])).toEqual([["a", "https://a.example:6443"]]);
  });
});

describe("an address that only kubectl can use", () => {
  it.each([
    [{ "proxy-url": "http://proxy:3128" }, "through a proxy (proxy-url)"],
    [{ "insecure-skip-tls-verify": true }, "does not verify its API server (insecure-skip-tls-verify)"],
    [{ server: "https://rancher.example/k8s/clusters/c-m-1" }, "by a path of another server, such as Rancher"],
  ])("is refused for control planes of others: %j", (cluster, reason) => {
    use(cluster);
    const problems = judge().problems;
    expect(problems).toHaveLength(2);
    expect(problems[0]).toMatchObject({
      severity: "error",
      message: expect.stringMatching(/^Cluster a: .* Set apiServer on the cluster to a URL/) as unknown,
      see: "docs/community.md#the-api-servers-address",
    });
    expect(problems[0]?.message).toContain(reason);
    // Nobody asks it, or by another address.
    expect(judge(planned(), solo).problems).toEqual([]);
    expect(judge(planned(), { ...community, links: [] }).problems).toEqual([]);
    expect(judge(planned({ apiServer: "https://10.0.0.9" })).problems).toEqual([]);
  });
});
