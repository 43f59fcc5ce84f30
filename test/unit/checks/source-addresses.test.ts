import { describe, expect, it } from "vitest";
import { type Expected, prechecks, checks } from "../../../checks";
import { sourceAddressesBy } from "../../../checks/mesh/source-addresses";
import { Forbidden, Unreachable } from "../../../kubernetes";
import { against, clusterOf, FakeReader, findingsOf, told } from "./fake-reader";
import { node, pod } from "./fake-objects";

const kindNode = (cluster: string) => `kind://docker/${cluster}/${cluster}-control-plane`;

function clusters(kind = false) {
  const look = (name: string, subnet: string, ip: string) =>
    new FakeReader()
      .add(
        "/api/v1/nodes",
        node(`${name}-control-plane`, { podSubnet: subnet, providerId: kind ? kindNode(name) : "" }),
      )
      .add("/api/v1/pods", pod("default/a", { ip }));
  return { one: look("one", "10.10.0.0/24", "10.10.0.5"), two: look("two", "10.20.0.0/24", "10.20.0.5") };
}

const daemon = (name: string, env: readonly object[] = []) => ({
  metadata: { name, namespace: "kube-system" },
  spec: { template: { spec: { containers: [{ name, env }] } } },
});
const kindnet = daemon("kindnet", [{ name: "POD_SUBNET", value: "10.10.0.0/16" }]);
const agentConfig = "/api/v1/namespaces/kube-system/configmaps/ip-masq-agent";

function find(
  looks: Readonly<Record<string, FakeReader>>,
  {
    expected = {},
    rules,
  }: { readonly expected?: Expected; readonly rules?: Readonly<Record<string, string | Error>> } = {},
) {
  const check = sourceAddressesBy(({ node: name }) => {
    const said = rules?.[name];
    return said instanceof Error ? Promise.reject(said) : Promise.resolve(said);
  });
  const all = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(check, { clusters: all, expected });
}

describe("source-addresses", () => {
  it("is a check, and one before an install", () => {
    for (const list of [checks, prechecks]) {
      expect(list.map(({ id }) => id)).toContain("source-addresses");
    }
  });

  it("has nothing to say where nothing is known to masquerade, or there is one cluster", async () => {
    expect((await find(clusters())).map(({ status }) => status)).toEqual(["notApplicable", "notApplicable"]);
    expect((await find({ one: clusters().one })).map(({ status }) => status)).toEqual(["notApplicable"]);
  });

  it("names component, object and setting, with a command for that cluster", async () => {
    const looks = clusters();
    looks.one.add("/apis/apps/v1/daemonsets", daemon("ip-masq-agent"));
    looks.one.objects.set(agentConfig, { data: { config: "nonMasqueradeCIDRs: []" } });
    const findings = await find(looks);
    expect(against(findings)).toEqual([
      "warning one: ip-masq-agent (DaemonSet kube-system/ip-masq-agent) masquerades what its pods send to 10.20.0.0/24 (pods of two): they are seen " +
        "there by an address of their node. ConfigMap kube-system/ip-masq-agent has nonMasqueradeCIDRs: nothing",
    ]);
    expect(findings.find(({ status }) => status === "warning")?.remedy).toContain(
      "kubectl --context one patch configmap ip-masq-agent -n kube-system --type=merge",
    );
    looks.one.objects.set(agentConfig, { data: { config: '{"nonMasqueradeCIDRs":["10.20.0.0/24"]}' } });
    expect(told(await find(looks))).toContainEqual(expect.stringMatching(/^passed one: ip-masq-agent/));
  });

  it("compares with the settings' subnets, those of planned clusters included", async () => {
    const looks = clusters();
    looks.one.add("/apis/apps/v1/daemonsets", daemon("ip-masq-agent"));
    const expected = { subnets: { two: { pods: "10.20.0.0/16" }, three: { pods: "100.64.0.0/16" } } };
    expect(against(await find(looks, { expected }))).toEqual([
      expect.stringContaining("masquerades what its pods send to 100.64.0.0/16 (pods of three)"),
    ]);
  });

  it("does not guess subnets that nobody says", async () => {
    const looks = clusters();
    looks.two.lists.set("/api/v1/pods", [pod("default/a", { ip: "192.0.2.5" })]);
    expect(told(await find(looks))).toContainEqual(
      "notApplicable one: to two: the subnets of its pods are not known; podSubnet in the settings says them",
    );
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    expect(against(await find(looks))).toEqual([expect.stringMatching(/^unknown two: /)]);
  });

  it("says that nobody can tell where it may not read", async () => {
    const looks = clusters();
    looks.one.get = () => Promise.reject(new Forbidden("configmaps is forbidden"));
    expect(against(await find(looks))).toEqual([expect.stringMatching(/^unknown one: .*configmaps is forbidden/)]);
  });
});

describe("source-addresses of kind clusters", () => {
  const world = () => {
    const looks = clusters(true);
    looks.one.add("/apis/apps/v1/daemonsets", kindnet);
    return looks;
  };
  const rules = (one: string | Error | undefined) => ({
    rules: { ...(one !== undefined && { "one-control-plane": one }), "two-control-plane": "rules intact\n" },
  });

  it("holds where the program's rules come before kindnet's", async () => {
    const findings = await find(world(), rules("rules intact\n"));
    expect(against(findings)).toEqual([]);
    expect(told(findings)).toContain(
      "passed one: node one-control-plane: has the rules by which its pods keep their addresses",
    );
  });

  it("has an update put back rules that are lost", async () => {
    const findings = await find(world(), rules("rules changed\n"));
    expect(against(findings)).toEqual([
      "warning one: node one-control-plane: the rules by which its pods keep their addresses on the way to other clusters are missing, or have changed",
    ]);
    expect(findings.find(({ status }) => status === "warning")?.remedy).toBe(
      "Run pulumi up, which puts the rules back.",
    );
  });

  it("looks at kindnet itself in a cluster of somebody else", async () => {
    for (const none of ["", "rules absent\n"]) {
      expect(against(await find(world(), rules(none)))).toEqual([
        expect.stringMatching(
          /^warning one: kindnet masquerades .* DaemonSet kube-system\/kindnet has POD_SUBNET: 10.10.0.0\/16$/,
        ),
      ]);
    }
  });

  it("leaves it to pod-matrix where the nodes are elsewhere, or can't be asked", async () => {
    for (const one of [undefined, new Unreachable("no engine")]) {
      const findings = await find(world(), rules(one));
      expect(against(findings)).toEqual([]);
      expect(told(findings)).toContainEqual(
        expect.stringMatching(/^notObservable one: node one-control-plane: .*pod-matrix/),
      );
    }
  });
});
