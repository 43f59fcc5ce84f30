/** Network plugins that say by their DaemonSet whether they masquerade. */
import { parse } from "yaml";
import { z } from "zod";
import { type Component, type Kubectl, mayBeNear, sparing, subnetsOf } from "./masquerader";
import type { Daemon } from "./reading";
import { covered, readSubnet, readSubnets } from "./subnets";

/** As Go's strconv.ParseBool has it. */
const yes = /^(?:1|t|true)$/i;
const no = /^(?:0|f|false)$/i;

const named = (daemons: readonly Daemon[], names: RegExp) => daemons.filter(({ name }) => names.test(name));
const place = ({ namespace, name }: Daemon) => `DaemonSet ${namespace}/${name}`;
const variables = { external: "AWS_VPC_K8S_CNI_EXTERNALSNAT", except: "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS" };

/**
 * The VPC CNI of AWS translates what leaves the VPC, whose ranges no object of the cluster has ("CNI Configuration Variables" in its
 * documentation). Addresses near the nodes' are taken to be in it: a warning would be false more often than not.
 */
export const awsVpcCni: Component = (found) =>
  named(found.daemons, /^aws-node$/)
    .filter(({ env }) => !yes.test(env.get(variables.external) ?? "") && !yes.test(env.get("ENABLE_IPv6") ?? ""))
    .map((daemon) => {
      const near = mayBeNear(found);
      const text = daemon.env.get(variables.except) ?? "";
      const excepted = text
        .split(",")
        .map((one) => one.trim())
        .filter((one) => readSubnet(one) !== undefined);
      const spared = readSubnets(excepted);
      return {
        what: "the VPC CNI of AWS",
        only: "where they are outside of its own VPC",
        why: `${place(daemon)} has ${variables.external}: ${daemon.env.get(variables.external) ?? "false, by default"} and ${variables.except}: ${text || "none"}`,
        spares: (subnet) => near(subnet) || covered(subnet, spared),
        remedy: (missing, kubectl) => withExceptions(daemon, [...excepted, ...subnetsOf(missing)], kubectl),
      };
    });

function withExceptions(daemon: Daemon, subnets: readonly string[], kubectl: Kubectl): string {
  const list = `${variables.except}=${[...new Set(subnets)].join(",")}`;
  return (
    `Except them, which does no harm if they are in the VPC: ${setEnv(daemon, list, kubectl)}. Where EKS manages the add-on, set the same ` +
    `variable in its configuration (env.${variables.except}). Where a NAT gateway translates what leaves the VPC, ` +
    `${variables.external}=true does for all.`
  );
}

function setEnv({ namespace, name }: Daemon, assignment: string, kubectl: Kubectl): string {
  return kubectl("set", "env", `daemonset/${name}`, "-n", namespace, assignment);
}

/** kind's, which spares what POD_SUBNET lists (kindnetd of kubernetes-sigs/kind, main.go and masq.go). */
export const kindnet: Component = ({ daemons }) =>
  named(daemons, /^kindnet$/).map((daemon) => {
    const text = daemon.env.get("POD_SUBNET") ?? "";
    const own = text.split(",").filter((one) => one.trim() !== "");
    return {
      what: "kindnet",
      why: `${place(daemon)} has POD_SUBNET: ${text || "none"}`,
      spares: sparing(own),
      remedy: (missing, kubectl) => withPodSubnets(daemon, [...own, ...subnetsOf(missing)], kubectl),
    };
  });

function withPodSubnets(daemon: Daemon, subnets: readonly string[], kubectl: Kubectl): string {
  return (
    `Let it spare them: ${setEnv(daemon, `POD_SUBNET=${subnets.join(",")}`, kubectl)}. It adds rules behind its last one, which masquerades ` +
    "everything, so have each node write them anew: iptables -t nat -F KIND-MASQ-AGENT in its container."
  );
}

const NetConf = z.object({ Network: z.string().default(""), EnableIPv4: z.boolean().nullish() });

/** flannel with `--ip-masq`: everything but its own network (pkg/trafficmngr of flannel-io/flannel). It has no list of exceptions. */
export const flannel: Component = ({ daemons, configMaps }) =>
  named(daemons, /^(?:kube-flannel(?:-ds)?(?:-amd64)?|canal)$/)
    .filter(({ args }) => args.some((one) => /^--?ip-masq(?:=(?:1|t|true))?$/i.test(one)))
    .flatMap((daemon) => {
      const conf = json(configMaps.get(`${daemon.namespace}/kube-flannel-cfg`)?.["net-conf.json"], NetConf);
      if (conf?.EnableIPv4 === false) {
        return [];
      }
      return [
        {
          what: "flannel",
          why: `${place(daemon)} runs with --ip-masq${conf?.Network ? `, which spares its own network alone: ${conf.Network}` : ""}`,
          spares: sparing([conf?.Network ?? ""]),
          remedy: (_, kubectl) => withoutNat(daemon, "take --ip-masq out of its args", kubectl),
        },
      ];
    });

/** kube-router, unless `--enable-pod-egress` is false: everything but the cluster's pods and nodes (its user guide). */
export const kubeRouter: Component = ({ daemons }) =>
  named(daemons, /^kube-router$/)
    .filter(({ args }) => !option(args, "enable-pod-egress", no) && !option(args, "run-router", no))
    .map((daemon) => ({
      what: "kube-router",
      why: `${place(daemon)} runs without --enable-pod-egress=false, and spares the cluster's own pods alone`,
      spares: () => false,
      remedy: (_, kubectl) => withoutNat(daemon, "add --enable-pod-egress=false to its args", kubectl),
    }));

const AntreaConf = z.object({ trafficEncapMode: z.string().nullish(), noSNAT: z.boolean().nullish() });

/** Antrea, unless `noSNAT` is true, which only counts without encapsulation (antrea-agent.conf). */
export const antrea: Component = ({ daemons, configMaps }) =>
  named(daemons, /^antrea-agent$/).flatMap((daemon) => {
    const key = "antrea-agent.conf";
    const [map] = daemon.configMaps.filter(({ name }) => configMaps.get(`${daemon.namespace}/${name}`)?.[key]);
    const conf = map && json(configMaps.get(`${daemon.namespace}/${map.name}`)?.[key], AntreaConf);
    const mode = conf?.trafficEncapMode ?? "encap";
    const plain = mode.toLowerCase() === "noencap";
    if (
      map === undefined ||
      conf === undefined ||
      mode.toLowerCase() === "networkpolicyonly" ||
      (plain && conf.noSNAT)
    ) {
      return [];
    }
    const path = `${daemon.namespace}/${map.name}`;
    return [
      {
        what: "Antrea",
        why: `ConfigMap ${path} has trafficEncapMode: ${mode} and noSNAT: ${String(conf.noSNAT ?? false)} (${key})`,
        spares: () => false,
        remedy: (_, kubectl) =>
          `Where the network around the nodes translates what leaves it for the internet, set noSNAT: true in ${key}` +
          `${plain ? "" : ", which takes trafficEncapMode: noEncap"}: ${kubectl("edit", "configmap", map.name, "-n", daemon.namespace)}; ` +
          `${kubectl("rollout", "restart", `daemonset/${daemon.name}`, "-n", daemon.namespace)}.`,
      },
    ];
  });

/** Of a plugin that has no exceptions: all or nothing. */
function withoutNat({ namespace, name }: Daemon, change: string, kubectl: Kubectl): string {
  return (
    `It has no list of exceptions. Where the network around the nodes translates what leaves it for the internet, ${change}: ` +
    `${kubectl("edit", "daemonset", name, "-n", namespace)}.`
  );
}

function option(args: readonly string[], name: string, value: RegExp): boolean {
  return args.some((one) => {
    const [, given = ""] = new RegExp(`^--${name}=(.*)$`).exec(one) ?? [];
    return value.test(given);
  });
}

/** What a text of JSON or YAML says; undefined where it says nothing of the kind. */
function json<Schema extends z.ZodType>(text: string | undefined, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.parse(parse(text ?? ""));
  } catch {
    return undefined;
  }
}
