import { isIP } from "node:net";
import { IPv4, IPv6 } from "ipaddr.js";
import { checkedString, dnsName } from "./formats";
import type { Problem } from "./issues";
import { overlap, parseSubnet, subnetText } from "./subnets";

/** Hosts, and what each is instead of one that others can reach. */
type OwnHosts = readonly (readonly [host: RegExp, problem: string])[];

const ofMachines: OwnHosts = [
  [/^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|::1?)$/, "is an address that every machine has for itself"],
];

/** These are wrong in settings; what clusters and peers report is theirs to know. */
const ofClusters: OwnHosts = [
  [
    /^(kubernetes(\.default)?|.+\.svc(\..+)?|.+\.cluster\.local)$/,
    "is the name of a Service, which every cluster resolves to its own",
  ],
  [
    /^((host|gateway|kubernetes)\.docker|host\.(containers|minikube|k3d|lima|rancher-desktop))\.internal$/,
    "is a name that every container engine resolves to its own machine",
  ],
  [/^169\.254\./, "is link-local, so no other network reaches it"],
  [/^(22[4-9]|23\d|24\d|25[0-5])\.\d/, "is not the address of a machine"],
];

function ownHostProblem(host: string, hosts: OwnHosts): Problem | undefined {
  const found = hosts.find(([pattern]) => pattern.test(host.toLowerCase().replace(/\.$/, "")));
  return found && { problem: found[1], remedy: "write one that other machines can reach" };
}

function hostAddressProblem(value: string): Problem | undefined {
  const own = ownHostProblem(value, ofMachines);
  if (own || isIP(value) !== 0 || isName(value)) {
    return own;
  }
  const name = value.toLowerCase().replace(/\.$/, "");
  const decimal = withoutLeadingZeros(value);
  if (decimal !== value && isIP(decimal) === 4) {
    return { problem: "has leading zeros, which some tools read as octal numbers", remedy: `write ${decimal}` };
  }
  return {
    problem: "is neither an IP address nor a DNS name",
    remedy: isName(name) ? `write ${name}` : "write it without scheme and port, such as 10.0.0.5",
  };
}

function isName(value: string): boolean {
  return dnsName.safeParse(value).success && !/^[\d.]+$|^0x[\da-f.x]*$/.test(value);
}

/** `10.0.0.5` of `010.000.0.05` */
function withoutLeadingZeros(address: string): string {
  return address.replaceAll(/(?<=^|\.)0+(?=\d+(\.|\/|$))/g, "");
}

/** Address of a machine that others can reach: an IP address of either family, or a DNS name. */
export const hostAddress = checkedString(hostAddressProblem);

/** The IPv4 address that an IPv6 address stands for: `10.0.0.5` of `::ffff:10.0.0.5`. */
function mapped(address: string): string | undefined {
  return IPv6.isValid(address) && IPv6.parse(address).isIPv4MappedAddress()
    ? IPv6.parse(address).toIPv4Address().toString()
    : undefined;
}

/** The same of an address that settings give. No mesh of this program has IPv6, whatever the clusters have. */
function ipv4HostProblem(value: string): Problem | undefined {
  const address = value.replace(/^\[(.*)\]$/, "$1").replace(/[%/].*$/, "");
  const own = ownHostProblem(address, [...ofMachines, ...ofClusters]);
  if (own === undefined && isIP(address) === 6) {
    const ipv4 = mapped(address);
    return {
      problem: "is IPv6; the mesh is IPv4 alone",
      remedy: `write ${ipv4 ?? "an IPv4 address, or a DNS name that has one, such as 10.0.0.5"}`,
    };
  }
  return own ?? hostAddressProblem(value);
}

/** Address of machines that other clusters can reach: an IPv4 address, or a DNS name. */
export const ipv4HostAddress = checkedString(ipv4HostProblem);

/** URL of an API server that others can reach. No message quotes what may be a password in it. */
export const apiServerUrl = checkedString((value) => {
  const remedy = "write https://HOST or https://HOST:PORT, such as https://10.0.0.5:6443";
  const parts = /^(?<scheme>[^/]*:\/\/)?(?<user>[^/?#]*@)?(?<host>\[[^/?#]*\]|[^/?#:]*)(?<port>:[^/?#]*)?(?<rest>.*)$/s;
  const { scheme, user, host = "", port = "", rest = "" } = parts.exec(value)?.groups ?? {};
  const reasons = [
    ...(scheme === "https://"
      ? []
      : [`it has ${scheme === undefined ? "no https://" : "another scheme than https://"}`]),
    ...(user === undefined ? [] : ["it has credentials"]),
    ...(host === "" ? ["it has no host"] : []),
    ...(/^(:\d+)?$/.test(port) && URL.canParse(`https://host${port}`) ? [] : ["its port is not a number up to 65535"]),
    ...(rest.startsWith("/") && !/^\/([?#]|$)/.test(rest) ? ["it has a path"] : []),
    ...(/[?#]/.test(rest) ? ["it has a query"] : []),
  ];
  if (reasons.length > 0) {
    return { problem: `is not an https URL of a host alone: ${reasons.join(", and ")}`, remedy };
  }
  const found = ipv4HostProblem(host.toLowerCase());
  return found && { problem: `has a host that ${found.problem}`, remedy };
});

/** Addresses that pods and services can't have: this host, loopback, link-local, multicast and reserved (RFC 6890). */
const unusable = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"].map(parseSubnet);

/** The problem with `text` as a subnet of pods or services, if any. */
export function subnetProblem(text: string): Problem | undefined {
  const malformed = familyProblem(text) ?? cidrProblem(text);
  if (malformed) {
    return malformed;
  }
  const network = IPv4.networkAddressFromCIDR(text).toString();
  const subnet = parseSubnet(text);
  const canonical = `${network}/${String(subnet.prefix)}`;
  if (canonical !== text) {
    return { problem: "has host bits set", remedy: `write ${canonical}, or the prefix that was meant` };
  }
  const reserved = unusable.find((range) => overlap(range, subnet));
  return (
    reserved && {
      problem: `contains addresses of ${subnetText(reserved)}, which no pod or service can have`,
      remedy: "write a private subnet, such as 10.10.0.0/16",
    }
  );
}

/** Kubernetes lists the subnets of a dual-stack cluster with a comma between them. */
function familyProblem(text: string): Problem | undefined {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const [first, ...others] = parts.filter((part) => IPv4.isValidCIDRFourPartDecimal(part));
  if (parts.length > 1 && first !== undefined) {
    return parts.some(isIpv6)
      ? {
          problem: "has subnets of both families; the flat network is IPv4 alone",
          remedy: `write ${others.length === 0 ? first : "one IPv4 subnet"}: a cluster may have IPv6 besides`,
        }
      : { problem: `is a list of ${String(parts.length)}, not one subnet`, remedy: "write one that contains them all" };
  }
  if (!parts.some(isIpv6)) {
    return undefined;
  }
  const [address = "", prefix] = text.split("/");
  const ipv4 = mapped(address);
  const remedy =
    ipv4 === undefined || Number(prefix) < 96
      ? "write an IPv4 subnet, such as 10.10.0.0/16"
      : `write ${ipv4}/${String(Number(prefix) - 96)}`;
  return { problem: "is IPv6; the flat network is IPv4 alone", remedy };
}

function isIpv6(text: string): boolean {
  const [address = ""] = text.split("/");
  return isIP(address) === 6 || IPv6.isValidCIDR(text);
}

function cidrProblem(text: string): Problem | undefined {
  if (IPv4.isValidCIDRFourPartDecimal(text)) {
    return undefined;
  }
  const problem = "is not a valid CIDR";
  const decimal = withoutLeadingZeros(text);
  if (decimal !== text && IPv4.isValidCIDRFourPartDecimal(decimal)) {
    return { problem: `${problem}: some tools read leading zeros as octal numbers`, remedy: `write ${decimal}` };
  }
  const [address = "", mask] = text.split("/");
  const remedy = "write address/prefix, such as";
  if (!IPv4.isValidFourPartDecimal(address)) {
    return { problem, remedy: `${remedy} 10.10.0.0/16` };
  }
  if (mask === undefined || mask === "") {
    const network = IPv4.networkAddressFromCIDR(`${address}/16`).toString();
    return { problem: `${problem}: it has no prefix`, remedy: `${remedy} ${network}/16` };
  }
  const prefix = IPv4.isValidFourPartDecimal(mask) ? IPv4.parse(mask).prefixLengthFromSubnetMask() : null;
  return prefix === null
    ? { problem: `${problem}: its prefix is not a number from 0 to 32`, remedy: `${remedy} ${address}/16` }
    : { problem: `${problem}: it has a mask in place of the prefix`, remedy: `write ${address}/${String(prefix)}` };
}

/**
 * The shortest prefix that pods or services can have: no private network is larger (RFC 1918), and a route to a third of all
 * addresses would be a default route by another name.
 */
const shortestPrefix = 8;

/** An IPv4 subnet that the address plan can take subnets from. */
export const addressPool = checkedString(subnetProblem);

/** An IPv4 subnet of pods or services, without host bits. */
export const subnet = checkedString(
  (value) =>
    subnetProblem(value) ??
    (parseSubnet(value).prefix < shortestPrefix
      ? {
          problem: "is larger than any private network",
          remedy: `write a subnet of /${String(shortestPrefix)} or smaller, such as 10.10.0.0/16`,
        }
      : undefined),
);

/** IPv4 address that a load balancer can get. */
export const ipv4Address = checkedString((value) => {
  const found = ipv4HostProblem(value);
  return isIP(value) === 4 || (found !== undefined && isIP(value) !== 0)
    ? found
    : { problem: "is not an IPv4 address", remedy: "write one, such as 10.0.0.5" };
});

/** A range of IP addresses of either family, without host bits. */
export const addressRange = checkedString((value) => {
  if (isIpv6(value)) {
    return IPv6.isValidCIDR(value)
      ? rangeProblem(value, IPv6.networkAddressFromCIDR(value).toString())
      : { problem: "is not a valid CIDR", remedy: "write address/prefix, such as 2001:db8::/32" };
  }
  return cidrProblem(value) ?? rangeProblem(value, IPv4.networkAddressFromCIDR(value).toString());
});

function rangeProblem(value: string, network: string): Problem | undefined {
  const [address = "", prefix = ""] = value.split("/");
  const same = isIpv6(value) ? IPv6.parse(address).toString() === network : address === network;
  return same
    ? undefined
    : { problem: "has host bits set", remedy: `write ${network}/${prefix}, or the prefix that was meant` };
}
