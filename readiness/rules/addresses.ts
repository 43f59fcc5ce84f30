import { IPv4 } from "ipaddr.js";
import { contains, parseSubnet } from "../../settings";
import type { Concern, Rule } from "../concern";
import { readOr } from "../reading";

/** Pods and services are where the settings say, and have IPv4 addresses: the flat network has no others. */
export const addresses: Rule = (facts, { podSubnet, serviceSubnet }) => {
  const pods = readOr(facts.pods, []).filter((pod) => !pod.ended && pod.addresses.length > 0);
  const services = readOr(facts.serviceAddresses, []);
  return [
    ...familyConcerns(pods, services),
    ...(podSubnet === undefined ? [] : podConcerns(pods, podSubnet)),
    ...(serviceSubnet === undefined ? [] : serviceConcerns(services, serviceSubnet)),
  ];
};

interface AddressedPod {
  readonly path: string;
  readonly addresses: readonly string[];
}

function familyConcerns(pods: readonly AddressedPod[], services: readonly string[]): Concern[] {
  const [pod] = pods;
  if (pod !== undefined && !pods.some(({ addresses: own }) => own.some((one) => IPv4.isValid(one)))) {
    return [
      concern(
        "refuse",
        `its pods have IPv6 addresses alone (pod ${pod.path} has ${pod.addresses.join(", ")}), and the flat network is IPv4 only`,
        "Use a cluster with IPv4, or with both families.",
      ),
    ];
  }
  const [service] = services;
  return service !== undefined && !IPv4.isValid(service)
    ? [
        concern(
          "warn",
          `its services have IPv6 addresses first (Service default/kubernetes has ${services.join(", ")}), which other clusters can't reach on an IPv4 network`,
          "Give Services that other clusters call an IPv4 address (spec.ipFamilies: [IPv4]).",
        ),
      ]
    : [];
}

function podConcerns(pods: readonly AddressedPod[], subnet: string): Concern[] {
  const range = parseSubnet(subnet);
  const outside = pods.flatMap(({ path, addresses: own }) =>
    own.filter((one) => IPv4.isValid(one) && !contains(range, parseSubnet(`${one}/32`))).map((one) => ({ path, one })),
  );
  const [example] = outside;
  return example === undefined
    ? []
    : [
        concern(
          "warn",
          `${String(outside.length)} of its pods have addresses outside podSubnet ${subnet}, such as ${example.one} (pod ${example.path})`,
          "Set podSubnet on the cluster to the subnet that its network plugin gives addresses of, such as Calico's IPPool or Cilium's " +
            "clusterPoolIPv4PodCIDRList: peers and their checks rely on it.",
        ),
      ];
}

function serviceConcerns(services: readonly string[], subnet: string): Concern[] {
  const stray = services.find((one) => IPv4.isValid(one) && !contains(parseSubnet(subnet), parseSubnet(`${one}/32`)));
  return stray === undefined
    ? []
    : [
        concern(
          "warn",
          `its services have addresses outside serviceSubnet ${subnet}: Service default/kubernetes has ${stray}`,
          "Set serviceSubnet on the cluster to the subnet of its API server (--service-cluster-ip-range).",
        ),
      ];
}

function concern(severity: Concern["severity"], message: string, remedy: string): Concern {
  return { topic: "addresses", severity, message, remedy };
}
