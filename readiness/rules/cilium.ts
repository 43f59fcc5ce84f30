import type { Concern, Rule } from "../concern";
import { readOr } from "../reading";

const values =
  "Set it in Cilium's Helm release, and restart its agents (kubectl -n kube-system rollout restart daemonset/cilium)";

/**
 * What an ambient mesh needs of Cilium: "Cilium" in Istio's "Platform-Specific Prerequisites" for ambient mode, and "Istio" in
 * Cilium's documentation.
 */
export const cilium: Rule = ({ cilium: config, networkPolicies, namespaces }) => {
  const settings = readOr(config, undefined);
  if (settings === undefined) {
    return [];
  }
  const is = (key: string, ...wanted: string[]) => wanted.includes((settings[key] ?? "").toLowerCase());
  const has = (key: string) =>
    `Cilium's ConfigMap kube-system/cilium-config has ${key}: ${JSON.stringify(settings[key])}`;
  const enrolled = readOr(namespaces, []).filter(({ labels }) => labels["istio.io/dataplane-mode"] === "ambient");
  const isolated =
    is("enable-policy", "always") ||
    readOr(networkPolicies, []).some(({ namespace }) => enrolled.some(({ name }) => name === namespace));
  return [
    ...(is("cni-exclusive", "true")
      ? [
          concern(
            "refuse",
            `${has("cni-exclusive")}: it removes Istio's CNI from the nodes`,
            `${values}: --set cni.exclusive=false`,
          ),
        ]
      : []),
    ...(is("enable-bpf-masquerade", "true")
      ? [
          concern(
            "refuse",
            `${has("enable-bpf-masquerade")}: health probes of pods in an ambient mesh fail with it`,
            `${values}: --set bpf.masquerade=false`,
          ),
        ]
      : []),
    ...((is("kube-proxy-replacement", "true", "strict") || is("bpf-lb-sock", "true")) &&
    !is("bpf-lb-sock-hostns-only", "true")
      ? [
          concern(
            "warn",
            "Cilium's ConfigMap kube-system/cilium-config has kube-proxy-replacement without bpf-lb-sock-hostns-only: inside pods it " +
              "replaces the addresses of Services before ztunnel sees them",
            `${values}: --set socketLB.hostNamespaceOnly=true`,
          ),
        ]
      : []),
    ...(isolated
      ? [
          concern(
            "warn",
            "Cilium does not know the address that probes of the kubelet have in an ambient mesh (169.254.7.127), and refuses it where a " +
              "network policy applies",
            `Allow it: echo '${JSON.stringify(probes)}' | kubectl apply -f -`,
          ),
        ]
      : []),
  ];
};

/** As Istio's documentation has it. */
const probes = {
  apiVersion: "cilium.io/v2",
  kind: "CiliumClusterwideNetworkPolicy",
  metadata: { name: "allow-ambient-hostprobes" },
  spec: {
    description: "Allows SNAT-ed kubelet health check probes into ambient pods",
    enableDefaultDeny: { egress: false, ingress: false },
    endpointSelector: {},
    ingress: [{ fromCIDR: ["169.254.7.127/32"] }],
  },
};

function concern(severity: Concern["severity"], message: string, remedy: string): Concern {
  return { topic: "cilium", severity, message, remedy };
}
