import type { Settings } from "../../settings";
import { istioTag } from "./charts";

/** Istio's images: control plane, node agent, tunnel, and the proxy of sidecars and gateways. */
const names = ["pilot", "install-cni", "ztunnel", "proxyv2"];

/** The images that a mesh of these settings may run. The ambient profile takes the distroless variant where there is one. */
export function meshImages(settings: Pick<Settings, "distribution" | "istioVersion" | "images">): string[] {
  const tag = istioTag(settings);
  return names.flatMap((name) => [tag, `${tag}-distroless`].map((variant) => `${settings.images}/${name}:${variant}`));
}
