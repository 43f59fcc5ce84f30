import type { Distribution } from "./settings";
import { minorOf } from "./schema/version";

/** The version that a stack gets when it names none. */
export const defaultVersion: Readonly<Record<"solo" | "community", string>> = { solo: "1.28.5", community: "1.31.0" };

/** The first minor version whose peering chart Solo publishes, and whose registries need no repo key. */
export const firstKeyless = 29;

/** The first minor version of Solo's that peers reach by NodePorts. */
export const firstNodePort = 28;

/**
 * The first minor version of the community's with which clusters may come, go and renew their credentials: istiod of the ones
 * before loses a cluster's services when its remote Secret changes (fixed in several places, says "Istio 1.31.0 Change Notes").
 */
export const firstCommunity = 31;

/** Where charts (OCI URL) and images (hub) come from. */
export interface Registries {
  readonly charts: string;
  readonly images: string;
}

/**
 * The distribution's own registries.
 *
 * @param repoKey Needed for solo up to 1.28, whose registries carry it in their names.
 */
export function registries(distribution: Distribution, version: string, repoKey = ""): Registries {
  if (distribution === "community") {
    return { charts: "oci://ghcr.io/istio/release/charts", images: "docker.io/istio" };
  }
  return minorOf(version) < firstKeyless
    ? {
        charts: `oci://us-docker.pkg.dev/gloo-mesh/istio-helm-${repoKey}`,
        images: `us-docker.pkg.dev/gloo-mesh/istio-${repoKey}`,
      }
    : { charts: "oci://us-docker.pkg.dev/soloio-img/istio-helm", images: "us-docker.pkg.dev/soloio-img/istio" };
}
