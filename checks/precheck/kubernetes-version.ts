import { coerce } from "semver";
import { z } from "zod";
import type { Check } from "../check";
import { forEachCluster } from "../inventory";
import { kubectl } from "../remedies";

const Version = z.object({ gitVersion: z.string() });

/**
 * The minor releases of Kubernetes that Istio tests a minor release of its own with: five of them, 1.30 to 1.34 for 1.28, and one
 * further with each ("Supported releases" in Istio's documentation).
 */
export function supportedKubernetes(istioMinor: number): { readonly first: number; readonly last: number } {
  return { first: istioMinor + 2, last: istioMinor + 6 };
}

/** Whether Istio's version in the settings supports the clusters' Kubernetes; without settings, whether its version is known. */
export const kubernetesVersion: Check = {
  id: "kubernetes-version",
  title: "Istio supports the version of Kubernetes",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const version = await cluster.get("/version", Version);
      const own = minorOf(version?.gitVersion);
      if (own === undefined) {
        findings.unknown(
          "its API server does not report its version",
          `Look at what it answers, since there may be a proxy in between: ${kubectl(cluster, "version")}`,
        );
        return;
      }
      const istio = minorOf(mesh.expected.version);
      if (istio === undefined) {
        findings.notApplicable(
          `Kubernetes 1.${String(own)}; the version of Istio to install is only known from a stack's settings`,
        );
        return;
      }
      const { first, last } = supportedKubernetes(istio);
      const text = `Kubernetes 1.${String(own)}; Istio 1.${String(istio)} supports 1.${String(first)} to 1.${String(last)}`;
      if (own < first) {
        findings.failed(text, "Upgrade the cluster, or set an earlier istioVersion.");
      } else if (own > last) {
        findings.warning(text, "It may work, but Istio has not tested it. Set a later istioVersion.");
      } else {
        findings.passed(text);
      }
    }),
};

/** Of `v1.34.2+k3s1`, `1.29.0-solo` or `1.29`: its minor number; undefined where that is no version 1. */
function minorOf(version: string | undefined): number | undefined {
  const { major, minor } = coerce(version) ?? {};
  return major === 1 ? minor : undefined;
}
