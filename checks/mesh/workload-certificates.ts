import type { X509Certificate } from "node:crypto";
import { keyOf, rootOf } from "../../certificates";
import { countText, notYetTrusting, stillDepending, type TrustState, type WorkloadCertificate } from "../../istio";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, linksOf, type Mesh } from "../inventory";
import { kubectl } from "../remedies";
import { rootName, rootNames } from "./cacerts";

type Names = ReadonlyMap<string, string>;

/** What reading pods needs, and how to get the permission. */
function allow(cluster: Cluster): string {
  const ask = kubectl(cluster, "auth", "can-i", "create", "pods", "--subresource=portforward", "--all-namespaces");
  return `Allow this user to forward ports to pods, as kubectl port-forward does (${ask}), make sure that the pods run, and check again.`;
}

/** What workloads really have: they follow what the clusters sign with only when certificates are reissued. */
export const workloadCertificates: Check = {
  id: "workload-certificates",
  title: "Certificates of workloads are accepted by all linked clusters, and show whether a root may be replaced",
  causes: { inCluster: ["clock-skew", "pods", "trust-domain", "root", "intermediates"] },
  async run(mesh) {
    const facts = await factsOf(mesh);
    const names = rootNames(mesh.expected);
    const roots = rootsOf([...facts.values()]);
    return forEachCluster(mesh, async (cluster, findings) => {
      const own = facts.get(cluster);
      if (own === undefined) {
        findings.notObservable("no proxies run in a kwok cluster to report certificates");
        return;
      }
      for (const reason of own.unseen) {
        findings.unknown(`not all certificates could be read: ${reason}`, allow(cluster));
      }
      if (own.workloads.length === 0) {
        await checkNone(cluster, own, findings);
      } else {
        checkAcceptance(cluster, own, acceptedBy(mesh, cluster, facts), names, findings);
      }
      checkStages(cluster, own, roots, names, findings);
    });
  },
};

/** Of every cluster whose pods run. One that can't be read at all is reported as such. */
async function factsOf({ clusters }: Mesh): Promise<Map<Cluster, TrustState>> {
  const all = await Promise.all(
    clusters.map(async (cluster) => {
      const hollow = await cluster.isHollow().catch(() => false);
      return hollow ? [] : [[cluster, await cluster.trust()] as const];
    }),
  );
  return new Map(all.flat());
}

/** Every root that some cluster trusts or signs with, one by key. */
function rootsOf(facts: readonly TrustState[]): X509Certificate[] {
  const all = facts.flatMap(({ cacerts }) => cacerts?.trusted ?? []);
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

/** No certificate at all is fine only where no workload is in the mesh. */
async function checkNone(cluster: Cluster, { unseen }: TrustState, findings: FindingCollector): Promise<void> {
  const captured = (await cluster.pods()).filter(
    ({ metadata }) => metadata.annotations["ambient.istio.io/redirection"] === "enabled",
  );
  if (captured.length === 0 && unseen.length === 0) {
    findings.notApplicable("no workload is in the mesh here, so none has a certificate");
  } else if (unseen.length === 0) {
    findings.failed(
      `no workload has a certificate, although ${String(captured.length)} ${captured.length === 1 ? "pod is" : "pods are"} in the mesh (such as ${captured[0]?.path ?? ""})`,
      `Find out why istiod issues none: ${["daemonset/ztunnel", "deployment/istiod"].map((what) => kubectl(cluster, "logs", "-n", "istio-system", what)).join("; ")}`,
    );
  }
}

/** A set of roots that something accepts others by. */
interface Accepting {
  readonly cluster: string;
  readonly roots: readonly X509Certificate[];
}

/** The sets of roots that workloads of a cluster itself and of those linked with it accept others by. */
function acceptedBy(mesh: Mesh, { name }: Cluster, facts: ReadonlyMap<Cluster, TrustState>): Accepting[] {
  const linked = new Set(linksOf(mesh).flatMap(({ from, to }) => (from === name ? [to] : to === name ? [from] : [])));
  const sets = new Map<string, Accepting>();
  for (const [other, { workloads }] of facts) {
    if (other.name === name || linked.has(other.name)) {
      for (const { roots } of workloads) {
        const key = roots.map(({ fingerprint256 }) => fingerprint256).sort();
        sets.set([other.name, ...key].join(" "), { cluster: other.name, roots });
      }
    }
  }
  return [...sets.values()];
}

function checkAcceptance(
  cluster: Cluster,
  own: TrustState,
  accepting: readonly Accepting[],
  names: Names,
  findings: FindingCollector,
): void {
  const { workloads } = own;
  const count = countText(own, names);
  const renew =
    `ztunnel renews by itself; if it does not: ${kubectl(cluster, "rollout", "restart", "-n", "istio-system", "daemonset/ztunnel")}. ` +
    "Deployments of gateways, and those whose pods have a sidecar, are restarted in the same way.";
  const before = findings.list.length;
  const ended = workloads.filter(({ chain }) => chain.some(({ validTo }) => Date.parse(validTo) < Date.now()));
  if (ended.length > 0) {
    findings.failed(
      `${count}; ${String(ended.length)} of them ${ended.length === 1 ? "has" : "have"} expired (${some(ended)})`,
      renew,
    );
  }
  const refused = new Map<string, Set<WorkloadCertificate>>();
  for (const { cluster: accepts, roots } of accepting) {
    const strangers = workloads.filter(({ chain: [leaf, ...between] }) => !leaf || !rootOf(leaf, between, roots));
    refused.set(accepts, new Set([...(refused.get(accepts) ?? []), ...strangers]));
  }
  for (const [accepts, strangers] of refused) {
    if (strangers.size > 0) {
      const where = accepts === own.cluster ? "their own cluster" : accepts;
      findings.failed(
        `${count}; workloads in ${where} do not accept ${String(strangers.size)} of them, since they do not trust their root (${some([...strangers])})`,
        `Both clusters have to trust the root first, and then have their certificates reissued (root.reissue, then pulumi up). ${renew}`,
      );
    }
  }
  if (findings.list.length === before) {
    findings.passed(count);
  }
}

function some(workloads: readonly WorkloadCertificate[]): string {
  const names = [...new Set(workloads.map(({ identity, pod }) => `${identity} in ${pod}`))];
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${String(names.length - 3)} more` : names.join(", ");
}

/** While one root replaces another: which stage may follow, as far as this cluster is concerned. */
function checkStages(
  cluster: Cluster,
  own: TrustState,
  roots: readonly X509Certificate[],
  names: Names,
  findings: FindingCollector,
): void {
  const { cacerts, unseen } = own;
  const [intermediate, ...between] = cacerts?.chain ?? [];
  const signs = intermediate && rootOf(intermediate, between, cacerts?.trusted ?? []);
  if (roots.length < 2 || cacerts === undefined) {
    return;
  }
  for (const one of roots.filter((root) => signs === undefined || keyOf(root) !== keyOf(signs))) {
    const root = { name: rootName(one, names), key: keyOf(one) };
    const stages = [
      { stage: "sign next", holds: "everything here trusts it", against: notYetTrusting(root, own) },
      { stage: "be removed next", holds: "nothing here depends on it", against: stillDepending(root, own) },
    ];
    for (const { stage, holds, against } of stages) {
      if (against.length > 0) {
        findings.warning(
          `root ${root.name} may not ${stage} yet: ${against.join("; ")}`,
          "Leave the roots as they are until this holds in every cluster. pulumi up refuses the stage until then.",
        );
      } else if (unseen.length > 0) {
        findings.unknown(
          `it is unknown whether root ${root.name} may ${stage}, since not everything could be read`,
          allow(cluster),
        );
      } else {
        findings.passed(`root ${root.name} may ${stage}: ${holds}`);
      }
    }
  }
}
