import type { Check, FindingCollector } from "../check";
import { describe, kubectl } from "../remedies";
import { type Cluster, forEachClusterOf, type objects } from "../inventory";
import { podsOf } from "./workloads";

/** Port of istiod that serves its debug endpoints, to callers from its own loopback address. */
const debugPort = 8080;

/** Days before its end from which a licence is warned of. */
const soon = 30;

/** Solo's istiod discovers no peers without a valid licence. */
export const license: Check = {
  id: "license",
  title: "istiod has a valid licence",
  run: (mesh) =>
    forEachClusterOf(mesh, "solo", async (cluster, findings) => {
      const hollow = await cluster.isHollow();
      for (const istiod of await cluster.istiods()) {
        const before = findings.list.length;
        await checkKeys(cluster, istiod, findings);
        if (!hollow) {
          await checkIstiodStatus(cluster, istiod, findings);
        }
        if (findings.list.length === before) {
          if (hollow) {
            findings.notObservable("no istiod runs in a kwok cluster to report on it");
          } else {
            findings.unknown(
              `Deployment ${istiod.path} references no licence, and its istiod reports none`,
              `Check its log: ${kubectl(cluster, "logs", "-n", istiod.metadata.namespace, `deployment/${istiod.metadata.name}`)} | grep -i licen`,
            );
          }
        }
      }
    }),
};

/** The keys that istiod is given, by value or from a Secret. They are never printed. */
async function checkKeys(cluster: Cluster, istiod: objects.Deployment, findings: FindingCollector): Promise<void> {
  const given = istiod.containers.flatMap(({ env }) => [...env].filter(([name]) => /LICEN[CS]E/.test(name)));
  for (const [name, { value, secret }] of given) {
    if (secret === undefined) {
      checkKey(`the licence of Deployment ${istiod.path} (${name})`, value ?? "", findings);
      continue;
    }
    const files = await cluster.secret(istiod.metadata.namespace, secret.name);
    const where = `Secret ${istiod.metadata.namespace}/${secret.name} with the licence`;
    const key = files !== undefined && Object.hasOwn(files, secret.key) ? files[secret.key] : undefined;
    if (key === undefined) {
      findings.failed(
        files === undefined ? `${where} does not exist` : `${where} has no key ${secret.key}`,
        `Create it: ${kubectl(cluster, "create", "secret", "generic", "-n", istiod.metadata.namespace, secret.name, `--from-file=${secret.key}=FILE`)} (FILE has the licence). Or have the stack keep it: pulumi config set --secret flatmesh:license, and pulumi up.`,
      );
    } else {
      checkKey(where, key, findings);
    }
  }
}

/** Solo's licence keys are JSON Web Tokens, which contain their expiry. */
function checkKey(what: string, key: string, findings: FindingCollector): void {
  const renew = "Obtain a new one from Solo: pulumi config set --secret flatmesh:license, and pulumi up.";
  if (key.trim() === "") {
    findings.failed(`${what} is empty`, renew);
    return;
  }
  const end = endOf(key);
  if (end === undefined) {
    // Older keys have another form: only istiod can tell whether they are valid.
    return;
  }
  const days = Math.floor((end.getTime() - Date.now()) / 86_400_000);
  const date = end.toISOString().slice(0, 10);
  if (days < 0) {
    findings.failed(`${what} expired on ${date}`, renew);
  } else if (days < soon) {
    findings.warning(`${what} expires on ${date}, in ${String(days)} days`, renew);
  } else {
    findings.passed(`${what} is valid until ${date}`);
  }
}

function endOf(key: string): Date | undefined {
  try {
    const claims = JSON.parse(Buffer.from(key.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      readonly exp?: unknown;
    };
    return typeof claims.exp === "number" ? new Date(claims.exp * 1000) : undefined;
  } catch {
    return undefined;
  }
}

/** What istiod itself reports about its licence. Its answer is not quoted: it may contain the key. */
async function checkIstiodStatus(
  cluster: Cluster,
  istiod: objects.Deployment,
  findings: FindingCollector,
): Promise<void> {
  const pod = (await podsOf(cluster, istiod)).find(({ ready }) => ready);
  if (pod === undefined) {
    findings.unknown(
      `Deployment ${istiod.path} has no Ready pod to ask`,
      `Find out why: ${describe(cluster, "deployment", istiod)}`,
    );
    return;
  }
  const place = { namespace: pod.metadata.namespace, pod: pod.metadata.name, port: debugPort };
  const answer = JSON.stringify(await cluster.fromPod(place, "/debug/license"));
  if (/404|not found.*page|page not found/i.test(answer)) {
    return;
  }
  if (/expired|invalid|not valid|no licen[cs]e|missing|unlicensed|"(valid|active)":false/i.test(answer)) {
    findings.failed(
      `istiod (pod ${pod.path}) does not accept its licence`,
      `Check its log: ${kubectl(cluster, "logs", "-n", pod.metadata.namespace, pod.metadata.name)} | grep -i licen. Set a new one: pulumi ` +
        "config set --secret flatmesh:license, and pulumi up.",
    );
  } else if (/valid|active|enterprise|licensed/i.test(answer)) {
    findings.passed(`istiod (pod ${pod.path}) accepts its licence`);
  }
}
