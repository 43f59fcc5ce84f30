import { excerpt } from "../error-messages";
import { type Cause, causeIn, type Place, type Wordings } from "./cause";

/** What registries, and what is between them and the node, say in the words of containerd, CRI-O and Docker. */
const wordings: Wordings = [
  [
    /no match for platform|no matching manifest|exec format error|image operating system|does not match the specified platform/i,
    () => ({
      reason: "the registry has it, but not for the processor of these nodes",
      remedy: "Take a version or a registry (settings images) whose images are built for it.",
    }),
  ],
  [
    /toomanyrequests|\b429\b|rate limit/i,
    () => ({
      reason: "the registry has had too many requests from these nodes",
      remedy: "Wait and run pulumi up again, or set images to a registry of your own that mirrors it.",
    }),
  ],
  [
    /unauthorized|authentication required|authorization failed|no basic auth|\b40[13]\b|denied|insufficient_scope|forbidden/i,
    (_, { namespace }) => ({
      reason: "the registry refuses it to these nodes (some registries also answer so where there is no such image)",
      remedy:
        "See that the address is right (settings images, istioVersion, repoKey), that the nodes may pull from it, and that a pull " +
        `secret named in the chart's values exists: kubectl get secrets -n ${namespace}`,
    }),
  ],
  [
    /x509|certificate signed by unknown authority|tls: |server gave HTTP response to HTTPS client/i,
    () => ({
      reason: "the nodes do not trust the registry's certificate, or a proxy between them replaces it",
      remedy: "Have the nodes' container runtime trust that authority, or set images to a registry that they trust.",
    }),
  ],
  [
    /no space left on device|disk quota/i,
    () => ({
      reason: "the node's disk is full",
      remedy: "Make room on the node (crictl rmi --prune removes unused images), or give it a bigger disk.",
    }),
  ],
  [
    /no such host|server misbehaving|name resolution|dial tcp: lookup/i,
    () => ({
      reason: "the nodes cannot resolve the registry's name",
      remedy: "Correct images, or the DNS of the nodes; without a way out, set images to a registry that they reach.",
    }),
  ],
  [
    /i\/o timeout|connection refused|connection reset|no route to host|network is unreachable|deadline exceeded|timed? ?out|proxyconnect|EOF/i,
    () => ({
      reason: "the nodes do not reach the registry",
      remedy:
        "Open the way from the nodes to it (firewall, proxy of the container runtime), or set images to a registry that they reach.",
    }),
  ],
  [
    /not found|manifest unknown|manifest for .* not found|name unknown|\b404\b|does not exist|not present with pull policy/i,
    () => ({
      reason: "the registry has no such image",
      remedy: "Correct images or istioVersion in the settings; a mirror needs the image in that version.",
    }),
  ],
  [
    /signature|cosign|policy .* reject/i,
    () => ({
      reason: "the node's policy does not accept the image's signature",
      remedy: "Have the image signed as that policy wants, or have the policy accept it.",
    }),
  ],
];

/** Why an image can't be pulled, by the words of the kubelet. */
export function imageCause(image: string, words: string, place: Place): Cause {
  // The address itself may have any of these words in it.
  const known = causeIn(words.replaceAll(image, ""), wordings, place);
  return {
    reason: `image ${excerpt(image)} can't be pulled: ${known?.reason ?? excerpt(words)}`,
    remedy: known?.remedy ?? "See kubectl describe pod, and correct images or istioVersion in the settings.",
  };
}
