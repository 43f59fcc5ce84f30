import { type Subnet, subnetText } from "../../settings";
import { addTo, type AgentFile, fileOf, listed, reservedRanges } from "./agent";
import { type Component, type Kubectl, type Masquerader, mayBeNear, sparing, subnetsOf } from "./masquerader";
import { around, readSubnet, readSubnets } from "./subnets";

const config = "kube-system/cilium-config";

/** Ranges that are too large to be a network of one's own. */
const shortestPrefix = 8;

/**
 * Cilium, unless `enable-ipv4-masquerade` is false: everything that leaves the cluster, but for `ipv4-native-routing-cidr`, or, with
 * `enable-ip-masq-agent`, for what the agent's ConfigMap lists ("Masquerading" in Cilium's documentation).
 */
export const cilium: Component = (found, pods) => {
  const settings = found.configMaps.get(config);
  const is = (key: string, value: string) => settings?.[key]?.toLowerCase() === value;
  if (settings === undefined || is("enable-ipv4-masquerade", "false") || is("enable-ipv4", "false")) {
    return [];
  }
  const routed = settings["ipv4-native-routing-cidr"] ?? settings["native-routing-cidr"] ?? "";
  if (is("enable-ip-masq-agent", "true")) {
    return withAgent(found.configMaps.get("kube-system/ip-masq-agent"), routed);
  }
  const detects = routed === "" && ["eni", "azure", "alibabacloud"].includes(settings["ipam"] ?? "");
  const own = [routed, settings["cluster-pool-ipv4-cidr"] ?? "", pods ?? ""].flatMap((text) =>
    readSubnets(text.split(/[\s,]+/)),
  );
  const spares = detects ? mayBeNear(found) : sparing([routed]);
  return [
    {
      what: "Cilium",
      why: `ConfigMap ${config} has ${routed === "" ? "no ipv4-native-routing-cidr" : `ipv4-native-routing-cidr: ${routed}`}`,
      ...(detects && { only: "where they are outside of the cloud network of its nodes" }),
      spares,
      remedy: (missing, kubectl) => withRange(around([...own, ...readSubnets(subnetsOf(missing))]), kubectl),
    },
  ];
};

function withRange(whole: Subnet | undefined, kubectl: Kubectl): string {
  if (whole === undefined || whole.prefix < shortestPrefix) {
    return (
      "No one range of a network of its own holds these and its own pods, and ipv4-native-routing-cidr takes one: set " +
      "enableIPv4Masquerade: false in Cilium's Helm values where the network around translates what leaves it."
    );
  }
  const range = subnetText(whole);
  const patch = kubectl(
    ...["patch", "configmap", "cilium-config", "-n", "kube-system", "--type=merge"],
    `--patch=${JSON.stringify({ data: { "ipv4-native-routing-cidr": range } })}`,
  );
  const restart = kubectl("rollout", "restart", "daemonset/cilium", "-n", "kube-system");
  return (
    `Have one range hold its own pods and these: ${patch}; ${restart}. Set ipv4NativeRoutingCIDR: ${range} in Cilium's Helm values as well, ` +
    "or its next upgrade takes it back."
  );
}

function withAgent(data: Readonly<Record<string, string>> | undefined, routed: string): readonly Masquerader[] {
  const file = fileOf("kube-system", "ip-masq-agent", "config", data);
  if (file === undefined) {
    return [];
  }
  const given = (file.config?.nonMasqueradeCIDRs ?? []).flatMap((one) => one ?? []);
  const own = given.length > 0 ? given : reservedRanges;
  return [
    {
      what: "Cilium's ip-masq-agent",
      why: listed(file.config === undefined ? [] : [file], own),
      spares: sparing([...own, ...(readSubnet(routed) === undefined ? [] : [routed])]),
      remedy: (missing, kubectl) =>
        `Let it spare them: ${addTo(given.length > 0 ? file : listing(file, own), own, missing, kubectl)}. Its agents read it anew within two minutes.`,
    },
  ];
}

/** A file with a list, where it has none. */
function listing(file: AgentFile, nonMasqueradeCIDRs: string[]): AgentFile {
  return { ...file, config: file.config && { ...file.config, nonMasqueradeCIDRs } };
}
