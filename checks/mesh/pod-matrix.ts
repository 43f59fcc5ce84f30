import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh } from "../inventory";
import { callFrom } from "./calls";
import { type AnsweringPod, demo, demoOf, demoParts, reportMissing } from "./demo";

/**
 * Whether pods reach each other by IP, from every cluster to every other one, linked or not: the network's part of the mesh,
 * without names and without istiod's configuration.
 */
export const podMatrix: Check = {
  id: "pod-matrix",
  title: "Pods of every cluster reach pods of every other cluster by IP",
  causes: {
    inCluster: ["pods", "subnets", "node-routes", "mesh-port"],
    acrossLinks: ["pods", "trust-domain", "root", "intermediates", "workload-certificates", "subnets"],
  },
  async run(mesh) {
    const parts = await demoParts(mesh);
    return forEachCluster(mesh, async (cluster, findings) => {
      if (await cluster.isHollow()) {
        findings.notObservable("pods of a kwok cluster do not really run: nothing can be sent");
        return;
      }
      const { client } = await demoOf(cluster);
      if (client === undefined) {
        reportMissing(mesh, "a pod to call from (label app=sleep)", findings);
        return;
      }
      await callAll(cluster, client.place, parts, mesh, findings);
    });
  },
};

async function callAll(
  cluster: Cluster,
  place: Parameters<typeof callFrom>[1],
  parts: Awaited<ReturnType<typeof demoParts>>,
  mesh: Mesh,
  findings: FindingCollector,
): Promise<void> {
  const pods = [...parts.values()].flatMap((part) => (typeof part === "string" ? [] : part.pods));
  const calls = pods.length > 0 ? await callFrom(cluster, place, pods.map(urlOf)) : new Map<string, never>();
  for (const [name, part] of parts) {
    const between = name === cluster.name ? findings : findings.between(name);
    if (typeof part === "string") {
      between.unknown(
        `to ${name}: ${part}`,
        `Make sure that ${name} runs and can be reached from here, and check again.`,
      );
      continue;
    }
    const { pods: answering } = part;
    if (answering.length === 0) {
      reportMissing(mesh, `a pod in ${name} to call (Service ${demo.service})`, findings);
      continue;
    }
    const failed = answering.filter((pod) => calls.get(urlOf(pod))?.status !== 200);
    for (const pod of failed) {
      const call = calls.get(urlOf(pod));
      const how = call?.status ? `it answers ${String(call.status)}` : (call?.reason ?? "");
      if (call?.made === false) {
        between.unknown(
          `pod ${demo.namespace}/${pod.name} of ${name} (${pod.ip}) was not called: ${how}`,
          "Mend what has no answer, and check again.",
        );
        continue;
      }
      between.failed(
        `pod ${place.namespace}/${place.pod} gets no answer from pod ${demo.namespace}/${pod.name} of ${name} (${pod.ip}, on node ${pod.node}): ${how}`,
        likely(cluster.name, pod, failed.length === answering.length),
      );
    }
    if (failed.length === 0) {
      between.passed(`to ${name}: ${String(answering.length)} of ${String(answering.length)} pods answer by IP`);
    }
  }
}

function urlOf({ ip }: AnsweringPod): string {
  return `http://${ip.includes(":") ? `[${ip}]` : ip}:${String(demo.port)}/hello`;
}

/** What most often is at fault, by whom it concerns. */
function likely(from: string, { node, name, cluster }: AnsweringPod, all: boolean): string {
  if (cluster === from) {
    return `Find out what is wrong within ${cluster}: kubectl describe pod -n ${demo.namespace} ${name}, and ztunnel's pod on node ${node}.`;
  }
  return all
    ? `Most likely routes between ${from} and ${cluster}, in either direction, are missing or lead to the wrong node, or a firewall blocks the traffic: pulumi up corrects routes; the check node-routes shows them.`
    : `Other pods of ${cluster} answer: most likely the route to node ${node}, or ztunnel on it, is broken. pulumi up corrects routes; kubectl describe node ${node}.`;
}
