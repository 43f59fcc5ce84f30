import type { X509Certificate } from "node:crypto";
import { certificatesIn } from "../../certificates";
import type { FindingCollector } from "../check";
import { type Cluster, objects } from "../inventory";
import { kubectl } from "../remedies";
import { type Cacerts, rootName } from "./cacerts";

const name = "istio-ca-root-cert";

/** How many namespaces a message names. */
const named = 5;

/**
 * Whether istiod has published the roots in its Secret: proxies of a namespace accept istiod, and in part each other, by
 * its ConfigMap.
 */
export async function checkPublishedRoots(
  cluster: Cluster,
  { roots }: Cacerts,
  names: ReadonlyMap<string, string>,
  findings: FindingCollector,
): Promise<void> {
  const configs = await cluster.list(
    `/api/v1/configmaps?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`,
    objects.ConfigMap,
  );
  const log = kubectl(cluster, "logs", "-n", "istio-system", "deployment/istiod");
  const namespaces = new Map(configs.map(({ metadata, data }) => [metadata.namespace, data["root-cert.pem"]]));
  if (!namespaces.has("istio-system")) {
    if (await cluster.isHollow()) {
      findings.notObservable(`no istiod runs in a kwok cluster to write ConfigMap ${name}`);
    } else {
      findings.failed(
        `ConfigMap istio-system/${name} does not exist: istiod has not published its root`,
        `Find out why: ${log}`,
      );
    }
  }
  // Hundreds of namespaces may have the same fault: it is told once.
  const problems = new Map<string, string[]>();
  for (const [namespace, pem] of namespaces) {
    const problem = problemOf(pem, roots, names);
    if (problem !== undefined) {
      problems.set(problem, [...(problems.get(problem) ?? []), namespace]);
    }
  }
  for (const [problem, all] of problems) {
    const more = all.length > named ? ` and ${String(all.length - named)} more` : "";
    findings.failed(
      `ConfigMap ${name} of namespace ${all.slice(0, named).join(", ")}${more} ${problem}`,
      `istiod corrects it within a minute, or logs why it does not: ${log}. If it stays as it is, delete it, and istiod makes it ` +
        `anew: ${all
          .map((namespace) => kubectl(cluster, "delete", "configmap", "-n", namespace, name))
          .slice(0, named)
          .join("; ")}`,
    );
  }
  if (namespaces.size > 0 && problems.size === 0) {
    findings.passed(
      `ConfigMap ${name} has the same roots in ${namespaces.size === 1 ? "one namespace" : `all ${String(namespaces.size)} namespaces that have one`}`,
    );
  }
}

function problemOf(
  pem: string | undefined,
  roots: readonly X509Certificate[],
  names: ReadonlyMap<string, string>,
): string | undefined {
  try {
    const published = certificatesIn(pem);
    const list = (certificates: readonly X509Certificate[]) =>
      certificates.map((one) => rootName(one, names)).join(", ");
    const missing = without(roots, published);
    const tooMany = without(published, roots);
    const problems = [
      ...(published.length === 0 ? ["has no root"] : missing.length > 0 ? [`lacks root ${list(missing)}`] : []),
      ...(tooMany.length > 0 ? [`has root ${list(tooMany)}`] : []),
    ];
    return problems.length === 0 ? undefined : `differs from Secret cacerts: it ${problems.join(", and ")}`;
  } catch {
    return "has a certificate that can't be read";
  }
}

/** By certificate, not by key: istiod publishes a renewed root as well. */
function without(all: readonly X509Certificate[], others: readonly X509Certificate[]): X509Certificate[] {
  return all.filter((one) => !others.some(({ fingerprint256 }) => fingerprint256 === one.fingerprint256));
}
