/** Which components hide pods' addresses from other clusters, and with which setting: both answers of each. */
import { describe, expect, it } from "vitest";
import { judgeMasquerading, readMasquerading } from "../../../readiness";
import { around, covered, joined, readSubnet, readSubnets } from "../../../readiness/masquerade/subnets";
import { subnetText } from "../../../settings";

type Objects = Readonly<Record<string, object>>;

interface World {
  readonly daemons?: readonly object[];
  /** Data of ConfigMaps, by `<namespace>/<name>`. */
  readonly configMaps?: Readonly<Record<string, object>>;
  /** By version of the API. */
  readonly pools?: Readonly<Record<string, readonly object[]>>;
  readonly nodes?: readonly string[];
}

function daemon(path: string, { args, env, volumes }: Objects = {}, status?: object): object {
  const [namespace, name] = path.split("/");
  const variables = Object.entries(env ?? {}).map(([key, value]: [string, unknown]) => ({ name: key, value }));
  const spec = { containers: [{ args, env: variables }], volumes };
  return { metadata: { name, namespace }, spec: { template: { spec } }, ...(status && { status }) };
}

const agentVolumes = [{ configMap: { name: "ip-masq-agent", items: [{ key: "config", path: "ip-masq-agent" }] } }];
const agent = (args: readonly string[] = []) => daemon("kube-system/ip-masq-agent", { args, volumes: agentVolumes });
const pool = (name: string, cidr: string, more: object = { natOutgoing: true }) => ({
  metadata: { name },
  spec: { cidr, ...more },
});
const calico = daemon("calico-system/calico-node");
const cilium = (data: object) => ({ "kube-system/cilium-config": data });
const aws = (env: object) => daemon("kube-system/aws-node", { env });

async function judged({ daemons = [], configMaps = {}, pools = {}, nodes = [] }: World, ...subnets: readonly string[]) {
  const lists: Readonly<Record<string, readonly object[]>> = {
    "/apis/apps/v1/daemonsets": daemons,
    "/api/v1/nodes": nodes.map((address) => ({ status: { addresses: [{ type: "InternalIP", address }] } })),
    ...Object.fromEntries(Object.entries(pools).map(([api, items]) => [`/apis/${api}/ippools`, items])),
  };
  const masquerading = await readMasquerading({
    get: (path) => {
      const [, namespace = "", name = ""] = /namespaces\/([^/]+)\/configmaps\/(.+)$/.exec(path) ?? [];
      const data = configMaps[`${namespace}/${name}`];
      return Promise.resolve(data && { data });
    },
    items: (path) => Promise.resolve(lists[path]),
  });
  const others = [{ cluster: "two", subnets: subnets.length > 0 ? subnets : ["10.20.0.0/16"] }];
  return judgeMasquerading(masquerading, { pods: "10.10.0.0/16", others }, (...words) =>
    ["kubectl", ...words].join(" "),
  );
}

const config = (text: string) => ({ "kube-system/ip-masq-agent": { config: text } });

describe("pods are seen by their own addresses with", () => {
  it.each<[string, World, string?]>([
    ["nothing that masquerades", {}],
    ["ip-masq-agent by its standard", { daemons: [agent()] }],
    [
      "ip-masq-agent with a file that names no ranges",
      { daemons: [agent()], configMaps: config("resyncInterval: 60s") },
    ],
    ["ip-masq-agent that lists them", { daemons: [agent()], configMaps: config("nonMasqueradeCIDRs: [10.16.0.0/12]") }],
    [
      "ip-masq-agent that lists them in two parts",
      { daemons: [agent()], configMaps: config('{"nonMasqueradeCIDRs": ["10.20.128.0/17", "10.20.0.0/17"]}') },
    ],
    ["GKE's reserved ranges", { daemons: [agent(["--nomasq-all-reserved-ranges"])] }, "100.64.0.0/16"],
    [
      "an agent that runs on no node",
      {
        daemons: [daemon("kube-system/ip-masq-agent", {}, { observedGeneration: 1, desiredNumberScheduled: 0 })],
        configMaps: config("nonMasqueradeCIDRs: []"),
      },
    ],
    ["an agent whose file can't be understood", { daemons: [agent()], configMaps: config("nonMasqueradeCIDRs: {") }],
    ["Cilium that does not masquerade", { configMaps: cilium({ "enable-ipv4-masquerade": "false" }) }],
    ["Cilium's range", { configMaps: cilium({ "ipv4-native-routing-cidr": "10.0.0.0/8" }) }],
    [
      "Cilium's agent by its standard",
      { configMaps: cilium({ "enable-ip-masq-agent": "true", "enable-bpf-masquerade": "true" }) },
      "198.18.0.0/16",
    ],
    ["Cilium that finds out the VPC", { configMaps: cilium({ ipam: "eni" }), nodes: ["10.20.3.4"] }],
    [
      "Calico without natOutgoing",
      { daemons: [calico], pools: { "crd.projectcalico.org/v1": [pool("p", "10.10.0.0/16", {})] } },
    ],
    [
      "Calico's pool that is disabled",
      {
        daemons: [calico],
        pools: {
          "crd.projectcalico.org/v1": [
            pool("p", "10.10.0.0/16"),
            pool("two", "10.20.0.0/16", { disabled: true, natOutgoing: true }),
          ],
        },
      },
    ],
    [
      "the VPC CNI with external SNAT",
      { daemons: [aws({ AWS_VPC_K8S_CNI_EXTERNALSNAT: "true" })], nodes: ["10.10.0.1"] },
    ],
    [
      "the VPC CNI with an exception",
      { daemons: [aws({ AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "10.20.0.0/16, 1.2.3.0/24" })] },
    ],
    ["the VPC CNI in a VPC that may be the same", { daemons: [aws({})], nodes: ["10.20.1.9"] }],
    [
      "kindnet that lists them",
      { daemons: [daemon("kube-system/kindnet", { env: { POD_SUBNET: "10.10.0.0/16,10.20.0.0/16" } })] },
    ],
    [
      "flannel without --ip-masq",
      { daemons: [daemon("kube-flannel/kube-flannel-ds", { args: ["--kube-subnet-mgr"] })] },
    ],
    [
      "flannel's wider network",
      {
        daemons: [daemon("kube-flannel/kube-flannel-ds", { args: ["--ip-masq"] })],
        configMaps: { "kube-flannel/kube-flannel-cfg": { "net-conf.json": '{"Network": "10.0.0.0/8"}' } },
      },
    ],
    [
      "kube-router without it",
      { daemons: [daemon("kube-system/kube-router", { args: ["--enable-pod-egress=false"] })] },
    ],
    [
      "Antrea without it",
      {
        daemons: [daemon("kube-system/antrea-agent", { volumes: [{ configMap: { name: "antrea-config" } }] })],
        configMaps: {
          "kube-system/antrea-config": { "antrea-agent.conf": "trafficEncapMode: noEncap\nnoSNAT: true\n" },
        },
      },
    ],
  ])("%s", async (_, world, subnet = "10.20.0.0/16") => {
    expect((await judged(world, subnet)).hides).toEqual([]);
  });
});

describe("pods are hidden by", () => {
  it.each<[string, World, message: string, remedy: string, subnet?: string]>([
    [
      "ip-masq-agent",
      { daemons: [agent()], configMaps: config("nonMasqueradeCIDRs:\n- 172.16.0.0/12\nmasqLinkLocal: true\n") },
      "ip-masq-agent (DaemonSet kube-system/ip-masq-agent) masquerades what its pods send to 10.20.0.0/16 (pods of two): they are seen there by an " +
        "address of their node. ConfigMap kube-system/ip-masq-agent has nonMasqueradeCIDRs: 172.16.0.0/12",
      "kubectl patch configmap ip-masq-agent -n kube-system --type=merge " +
        '--patch={"data":{"config":"{\\"nonMasqueradeCIDRs\\":[\\"172.16.0.0/12\\",\\"10.20.0.0/16\\"],\\"masqLinkLocal\\":true}"}}',
    ],
    [
      "ip-masq-agent by its standard",
      { daemons: [agent()] },
      "no ConfigMap sets its nonMasqueradeCIDRs, and it spares 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16",
      "kubectl create configmap ip-masq-agent -n kube-system " +
        '--from-literal=config={"nonMasqueradeCIDRs":["10.0.0.0/8","172.16.0.0/12","192.168.0.0/16","100.64.0.0/16"]}',
      "100.64.0.0/16",
    ],
    [
      "AKS's agent, which adds up its files",
      {
        daemons: [
          daemon("kube-system/azure-ip-masq-agent", {
            volumes: [
              {
                projected: {
                  sources: [
                    { configMap: { name: "azure-ip-masq-agent-config", items: [{ key: "ip-masq-agent" }] } },
                    {
                      configMap: {
                        name: "azure-ip-masq-agent-config-reconciled",
                        items: [{ key: "ip-masq-agent-reconciled" }],
                      },
                    },
                  ],
                },
              },
            ],
          }),
        ],
        configMaps: {
          "kube-system/azure-ip-masq-agent-config-reconciled": {
            "ip-masq-agent-reconciled": "nonMasqueradeCIDRs:\n  - 10.10.0.0/16\nmasqLinkLocal: true\n",
          },
        },
      },
      "ConfigMap kube-system/azure-ip-masq-agent-config-reconciled has nonMasqueradeCIDRs: 10.10.0.0/16",
      "kubectl create configmap azure-ip-masq-agent-config -n kube-system --from-literal=ip-masq-agent=",
    ],
    [
      "Cilium",
      { configMaps: cilium({ "routing-mode": "tunnel" }) },
      "ConfigMap kube-system/cilium-config has no ipv4-native-routing-cidr",
      'kubectl patch configmap cilium-config -n kube-system --type=merge --patch={"data":{"ipv4-native-routing-cidr":"10.0.0.0/11"}}; ' +
        "kubectl rollout restart daemonset/cilium -n kube-system",
    ],
    [
      "Cilium with a range that is too small",
      { configMaps: cilium({ "ipv4-native-routing-cidr": "10.10.0.0/16" }) },
      "ConfigMap kube-system/cilium-config has ipv4-native-routing-cidr: 10.10.0.0/16",
      "ipv4NativeRoutingCIDR: 10.0.0.0/11",
    ],
    [
      "Cilium where no one range would do",
      { configMaps: cilium({ "ipv4-native-routing-cidr": "10.10.0.0/16" }) },
      "192.168.0.0/16 (pods of two)",
      "enableIPv4Masquerade: false",
      "192.168.0.0/16",
    ],
    [
      "Cilium's agent",
      {
        configMaps: { ...cilium({ "enable-ip-masq-agent": "true" }), ...config("nonMasqueradeCIDRs: [10.10.0.0/16]") },
      },
      "Cilium's ip-masq-agent masquerades",
      '\\"nonMasqueradeCIDRs\\":[\\"10.10.0.0/16\\",\\"10.20.0.0/16\\"]',
    ],
    [
      "Calico",
      { daemons: [calico], pools: { "projectcalico.org/v3": [pool("default", "10.10.0.0/16")] } },
      "IPPool default (10.10.0.0/16) has natOutgoing: true, and no IPPool holds those addresses",
      `echo '{"apiVersion":"projectcalico.org/v3","kind":"IPPool","metadata":{"name":"two-10-20-0-0-16"},"spec":{"cidr":"10.20.0.0/16",` +
        `"disabled":true,"natOutgoing":false}}' | kubectl apply -f -`,
    ],
    [
      "Calico without its API server",
      {
        daemons: [daemon("kube-system/canal")],
        pools: {
          "crd.projectcalico.org/v1": [
            pool("default", "10.10.0.0/16"),
            pool("lb", "10.20.0.0/16", { allowedUses: ["LoadBalancer"] }),
          ],
        },
      },
      "Calico masquerades what its pods send to 10.20.0.0/16 (pods of two)",
      "| calicoctl apply -f -",
    ],
    [
      "the VPC CNI of AWS",
      { daemons: [aws({ AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: "10.30.0.0/16" })], nodes: ["10.10.0.1"] },
      "the VPC CNI of AWS masquerades what its pods send to 10.20.0.0/16 (pods of two) where they are outside of its own VPC: they are seen there by " +
        "an address of their node. DaemonSet kube-system/aws-node has AWS_VPC_K8S_CNI_EXTERNALSNAT: false, by default and " +
        "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: 10.30.0.0/16",
      "kubectl set env daemonset/aws-node -n kube-system AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS=10.30.0.0/16,10.20.0.0/16",
    ],
    [
      "kindnet",
      { daemons: [daemon("kube-system/kindnet", { env: { POD_SUBNET: "10.10.0.0/16" } })] },
      "DaemonSet kube-system/kindnet has POD_SUBNET: 10.10.0.0/16",
      "kubectl set env daemonset/kindnet -n kube-system POD_SUBNET=10.10.0.0/16,10.20.0.0/16",
    ],
    [
      "flannel",
      {
        daemons: [daemon("kube-flannel/kube-flannel-ds", { args: ["--ip-masq", "--kube-subnet-mgr"] })],
        configMaps: { "kube-flannel/kube-flannel-cfg": { "net-conf.json": '{"Network": "10.10.0.0/16"}' } },
      },
      "DaemonSet kube-flannel/kube-flannel-ds runs with --ip-masq, which spares its own network alone: 10.10.0.0/16",
      "take --ip-masq out of its args: kubectl edit daemonset kube-flannel-ds -n kube-flannel",
    ],
    [
      "kube-router",
      { daemons: [daemon("kube-system/kube-router", { args: ["--run-router=true"] })] },
      "DaemonSet kube-system/kube-router runs without --enable-pod-egress=false",
      "add --enable-pod-egress=false to its args: kubectl edit daemonset kube-router -n kube-system",
    ],
    [
      "Antrea",
      {
        daemons: [daemon("kube-system/antrea-agent", { volumes: [{ configMap: { name: "antrea-config" } }] })],
        configMaps: { "kube-system/antrea-config": { "antrea-agent.conf": "noSNAT: false\n" } },
      },
      "ConfigMap kube-system/antrea-config has trafficEncapMode: encap and noSNAT: false (antrea-agent.conf)",
      "which takes trafficEncapMode: noEncap: kubectl edit configmap antrea-config -n kube-system",
    ],
  ])("%s", async (_, world, message, remedy, subnet = "10.20.0.0/16") => {
    const { hides } = await judged(world, subnet);
    expect(hides).toEqual([
      { message: expect.stringContaining(message) as string, remedy: expect.stringContaining(remedy) as string },
    ]);
  });

  it("one component, in one message for all clusters and subnets", async () => {
    const subnets = ["11.0.0.0/24", "11.0.2.0/24", "11.0.4.0/24", "11.0.6.0/24", "10.9.0.0/16"];
    const { found, hides } = await judged({ daemons: [agent()] }, ...subnets);
    expect(found).toEqual(["ip-masq-agent (DaemonSet kube-system/ip-masq-agent)"]);
    expect(hides).toHaveLength(1);
    expect(hides[0]?.message).toContain("11.0.0.0/24, 11.0.2.0/24, 11.0.4.0/24 and 1 more (pods of two): ");
  });
});

describe("subnets", () => {
  const texts = (...list: readonly string[]) => readSubnets(list);

  it("are read without host bits, and those of IPv6 are left out", () => {
    expect(texts("10.1.2.3/16", " 10.2.0.0/16 ", "fd00::/8", "x").map(subnetText)).toEqual([
      "10.1.0.0/16",
      "10.2.0.0/16",
    ]);
  });

  it("are covered by several", () => {
    const part = readSubnet("10.0.0.0/22") ?? expect.unreachable();
    expect(covered(part, texts("10.0.2.0/23", "10.0.0.0/24", "10.0.1.0/24"))).toBe(true);
    expect(covered(part, texts("10.0.2.0/23", "10.0.0.0/24"))).toBe(false);
    expect(covered(part, [])).toBe(false);
  });

  it("have a smallest one around them", () => {
    expect(subnetText(around(texts("10.10.0.0/16", "10.20.0.0/16")) ?? expect.unreachable())).toBe("10.0.0.0/11");
    expect(around([])).toBeUndefined();
  });

  it("are joined", () => {
    expect(
      joined(["10.0.3.0/24", "10.0.1.0/24", "10.0.0.0/24", "10.0.2.0/24", "10.0.2.128/25", "10.0.6.0/24"]),
    ).toEqual(["10.0.0.0/22", "10.0.6.0/24"]);
  });
});
