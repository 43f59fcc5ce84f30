import type { X509Certificate } from "node:crypto";
import { authorityFaults, chainOf, keyOf } from "../../certificates";
import { Unreachable } from "../../kubernetes";
import type { Check, Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh } from "../inventory";
import {
  type Cacerts,
  cacertsOf,
  daysLeft,
  makeSecret,
  rootName,
  rootNames,
  secretPath,
  takeBack,
  until,
} from "./cacerts";
import { inMeshOrder } from "./across-clusters";
import { kubectl, putBack, shellWord } from "../remedies";
import { podsOf } from "./workloads";

/** Below this many days an intermediate should have been renewed long ago: pulumi up does so at 90. */
const soon = 30;

/** Every cluster signs with an authority of its own, so that the loss of one cluster's key is not the loss of all. */
export const intermediates: Check = {
  id: "intermediates",
  title: "Every cluster has its own intermediate, signed by a trusted root, and istiod signs with it",
  causes: { inCluster: ["root"] },
  async run(mesh) {
    const names = rootNames(mesh.expected);
    const found = new Map<Cluster, X509Certificate>();
    const findings = await forEachCluster(mesh, async (cluster, own) => {
      const cacerts = await cacertsOf(cluster);
      const intermediate = cacerts?.intermediate;
      if (cacerts === undefined || intermediate === undefined) {
        const lacks = cacerts === undefined ? "does not exist" : `has no certificate (${cacerts.names.certificate})`;
        own.failed(`${secretPath} ${lacks}: the cluster has no intermediate`, makeSecret(cluster));
        return;
      }
      found.set(cluster, intermediate);
      checkIntermediate(cluster, cacerts, intermediate, names, own);
      await checkIstiods(cluster, intermediate, own);
    });
    return [...findings, ...shared(mesh, found)];
  },
};

function checkIntermediate(
  cluster: Cluster,
  cacerts: Cacerts,
  intermediate: X509Certificate,
  names: ReadonlyMap<string, string>,
  own: FindingCollector,
): void {
  const { names: files, roots, between, key } = cacerts;
  const what = `the intermediate in ${secretPath} (${files.certificate})`;
  const reissue = `Run pulumi up --replace ${shellWord(`**::${cluster.name}-intermediate*`)}, or have whoever manages the Secret (root.existing) issue a new one`;
  const before = own.list.length;
  if (roots.some(({ fingerprint256 }) => fingerprint256 === intermediate.fingerprint256)) {
    own.failed(
      `${what} is the root itself: whoever has this cluster's key can impersonate every cluster`,
      takeBack(cluster),
    );
  }
  const chain = chainOf(intermediate, between, roots);
  if (chain === undefined) {
    own.failed(`${what} is not signed by any of the roots in its ${files.roots}`, takeBack(cluster));
  }
  const now = new Date();
  const faults = authorityFaults(intermediate, { below: 0, now });
  for (const { kind, problem } of faults) {
    const clock = kind === "expired" || kind === "not yet valid" ? ". Check the clock of this machine, too." : "";
    own.failed(`${what} ${problem}`, `${reissue}${clock}`);
  }
  // The root is a check of its own.
  chain?.slice(0, -1).forEach((one, index) => {
    for (const { problem } of authorityFaults(one, { below: index + 1, now })) {
      own.failed(
        `an authority above ${what} (${oneLine(one.subject)}) ${problem}`,
        `Have whoever manages the Secret (root.existing) replace it in ${files.chain.join(" and ")}.`,
      );
    }
  });
  if ("problem" in key) {
    own.failed(`${secretPath} has no readable private key: ${files.key} ${key.problem}`, makeSecret(cluster));
  } else if (key.hash !== keyOf(intermediate)) {
    own.failed(
      `${secretPath}: the private key (${files.key}) does not match the certificate (${files.certificate})`,
      makeSecret(cluster),
    );
  }
  if (faults.every(({ kind }) => kind !== "expired") && daysLeft(intermediate) < soon) {
    own.warning(
      `${what} expires on ${until(intermediate)}, in ${String(daysLeft(intermediate))} days`,
      "Run pulumi up, which renews it; if it is managed elsewhere, find out why it is not renewed there.",
    );
  }
  const above = chain?.at(-1) ?? (chain && intermediate);
  if (above !== undefined && own.list.slice(before).every(({ status }) => status === "warning")) {
    own.passed(
      `intermediate ${intermediate.serialNumber.toLowerCase()} of root ${rootName(above, names)}, until ${until(intermediate)} ` +
        `(${String(daysLeft(intermediate))} days)`,
    );
  }
}

/** Whether istiod has loaded what is in the Secret: it reads it from a file that the kubelet updates, and may reject it. */
async function checkIstiods(cluster: Cluster, intermediate: X509Certificate, own: FindingCollector): Promise<void> {
  if (await cluster.isHollow()) {
    own.notObservable("no istiod runs in a kwok cluster to sign with it");
    return;
  }
  const istiods = await cluster.istiods();
  const pods = (await Promise.all(istiods.map((istiod) => podsOf(cluster, istiod)))).flat();
  const running = pods.filter(({ ready }) => ready);
  if (running.length === 0) {
    own.unknown(
      "it is unknown whether istiod signs with it: no pod of istiod is Ready",
      `Find out why: ${kubectl(cluster, "describe", "pods", "-n", "istio-system", "-l", "app=istiod")}`,
    );
  }
  for (const { path, metadata } of running) {
    const place = { namespace: metadata.namespace, pod: metadata.name, port: 15012 };
    try {
      const signs = await cluster.issuer(place);
      if (signs && keyOf(signs) === keyOf(intermediate)) {
        own.passed(`pod ${path} signs with it`);
      } else {
        own.failed(
          `pod ${path} signs with ${signs ? `${signs.serialNumber.toLowerCase()} (${oneLine(signs.subject)})` : "an authority that it does not send along"} instead of the intermediate in ${secretPath}`,
          `Find out why it has not loaded it: ${kubectl(cluster, "logs", "-n", metadata.namespace, metadata.name)} | grep -i cert. Then restart it: ` +
            kubectl(cluster, "rollout", "restart", "-n", metadata.namespace, "deployment", "-l", "app=istiod"),
        );
      }
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        throw error;
      }
      own.unknown(
        `it is unknown whether pod ${path} signs with it: ${error.message}`,
        `Allow this user to forward ports to pods, which this tells of: ${kubectl(cluster, "auth", "can-i", "create", "pods", "--subresource=portforward", "-n", metadata.namespace)}`,
      );
    }
  }
}

function oneLine(subject: string): string {
  return subject.split("\n").join(", ");
}

/** Clusters that have the same key: each could impersonate the others. */
function shared(mesh: Mesh, found: ReadonlyMap<Cluster, X509Certificate>): Finding[] {
  const byKey = new Map<string, string[]>();
  for (const [{ name }, intermediate] of inMeshOrder(mesh, found)) {
    const key = keyOf(intermediate);
    byKey.set(key, [...(byKey.get(key) ?? []), name]);
  }
  const same = [...byKey.values()].filter((names) => names.length > 1);
  if (same.length === 0 && found.size > 1) {
    const all = found.size === mesh.clusters.length ? "" : ` of ${String(mesh.clusters.length)}`;
    return [{ status: "passed", message: `${String(found.size)}${all} clusters have their own keys` }];
  }
  return same.map((names) => ({
    status: "failed",
    message: `${names.join(" and ")} sign with the same key: whoever obtains it from one cluster can impersonate the others`,
    remedy: `${putBack} Where the stack does not issue them (root.existing), issue one for each cluster, and store it in ${secretPath}.`,
  }));
}
