import { setTimeout as sleep } from "node:timers/promises";
import type { Check, FindingCollector } from "../check";
import { forEachCluster, type Mesh } from "../inventory";
import { kubectl } from "../remedies";
import { checkSpread, sharesOf } from "./traffic-spread";
import { demo, demoParts } from "./demo";
import { type Calls, type Expectation, expectationOf, makeCalls } from "./traffic-calls";
import { checkGateways, checkPath } from "./traffic-path";

/**
 * The proof that the mesh is one: calls of the global service are answered by pods of all linked clusters, evenly, and go from
 * pod to pod without a gateway.
 *
 * @param wait Set in tests: how the time is passed until a log is written.
 */
export function trafficBy(wait: (milliseconds: number) => Promise<unknown>): Check {
  return {
    id: "traffic",
    title: "Calls of the global service are answered evenly by pods of all linked clusters, from pod to pod",
    causes: {
      inCluster: [
        "pods",
        "istiod-environment",
        "dns-capture",
        "node-routes",
        "mesh-port",
        "global-services",
        "pod-matrix",
      ],
      acrossLinks: [
        "pods",
        "network-name",
        "cluster-names",
        "trust-domain",
        "root",
        "intermediates",
        "workload-certificates",
        "subnets",
        "peers",
        "remote-secrets",
        "remote-api-servers",
        "global-services",
        "stale-entries",
      ],
    },
    async run(mesh) {
      const parts = await demoParts(mesh);
      const made: Calls[] = [];
      const findings = await forEachCluster(mesh, async (cluster, found) => {
        const done = await makeCalls(cluster, mesh, parts, found);
        if (done !== undefined) {
          made.push(done);
          const expectation = await expectationOf(cluster, mesh, parts);
          checkAnswers(done, expectation, mesh, found);
          await checkPath(done, expectation, mesh, wait, found);
        }
      });
      return [...findings, ...(await checkGateways(mesh, made, parts))];
    },
  };
}

export const traffic = trafficBy(sleep);

function checkAnswers(
  { cluster, client, host, answers, failures, wanted }: Calls,
  { pods, unseen, preference }: Expectation,
  mesh: Mesh,
  findings: FindingCollector,
): void {
  const total = answers.length + failures.length;
  const path = `pod ${client.path}`;
  const url = `http://${host}:${String(demo.port)}/hello`;
  const byHand = kubectl(cluster, "exec", "-n", demo.namespace, client.metadata.name, "--", "curl", "-v", url);
  if (failures.length > 0 || total === 0) {
    findings.failed(
      `${String(failures.length)} of ${String(total)} calls to ${host} from ${path} failed: ${[...new Set(failures)].join("; ") || "no call was made"}`,
      `Try: ${byHand}. The checks pod-matrix and global-services show whether the network or istiod is the cause.`,
    );
  }
  if (failures.length === 0 && total > 0 && total < wanted) {
    findings.unknown(
      `calls take so long that there was time for ${String(total)} of ${String(wanted)}: too few to say that no cluster is left out`,
      `See what is slow: ${byHand}; and check again.`,
    );
  }
  const byName = new Map(pods.map((pod) => [pod.name, pod]));
  const strangers = [...new Set(answers.filter((name) => !byName.has(name)))];
  if (strangers.length > 0 && unseen.length === 0) {
    findings.failed(
      `calls from ${path} were answered by ${strangers.join(", ")}: not a pod of ${cluster.name} or of a cluster that it is linked to`,
      "Find out which cluster has that pod. One that left the mesh, or is not linked to this one, is still read or connected: see the checks remote-secrets (community) and stale-entries (solo).",
    );
  }
  const counts = new Map<string, number>([...sharesOf(pods).keys()].map((name) => [name, 0]));
  for (const name of answers) {
    const from = byName.get(name)?.cluster;
    counts.set(from ?? "others", (counts.get(from ?? "others") ?? 0) + 1);
  }
  const spread = [...counts].map(([name, count]) => `${String(count)} by ${name}`).join(", ");
  for (const name of unseen) {
    findings.notApplicable(`it was not checked whether pods of ${name} answer: they are not known here`);
  }
  if (preference !== undefined) {
    findings.notApplicable(
      `the spread over clusters was not checked: the Service has the traffic distribution ${preference} (${spread})`,
    );
  } else if (unseen.length === 0 && answers.length > 0) {
    checkSpread({ counts, spread, shares: sharesOf(pods), client, cluster: cluster.name }, mesh, findings);
  }
  if (failures.length === 0 && answers.length > 0) {
    findings.passed(`${String(answers.length)} of ${String(total)} calls to ${host} were answered: ${spread}`);
  }
}
