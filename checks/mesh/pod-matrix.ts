import { setTimeout as sleep } from "node:timers/promises";
import type { AnsweredCall, Check, Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh } from "../inventory";
import { callFrom } from "./calls";
import { type AnsweringPod, demo, demoOf, demoParts, reportMissing } from "./demo";
import { type Caller, callerOf, type Seen, seenBy, sourceSeen } from "./seen-addresses";

/**
 * Whether pods reach each other by IP, from every cluster to every other one, linked or not: the network's part of the mesh,
 * without names and without istiod's configuration; and which addresses they see each other by.
 *
 * @param wait Set in tests: how the time is passed until a log is written.
 */
export function podMatrixBy(wait: (milliseconds: number) => Promise<unknown>): Check {
  return {
    id: "pod-matrix",
    title: "Pods of every cluster reach pods of every other cluster by IP, and are seen by their own",
    causes: {
      inCluster: ["pods", "subnets", "node-routes", "mesh-port"],
      acrossLinks: ["pods", "trust-domain", "root", "intermediates", "workload-certificates", "subnets"],
    },
    async run(mesh) {
      const parts = await demoParts(mesh);
      const since = new Map(await Promise.all(mesh.clusters.map(timeOf)));
      const made = new Map<Cluster, Made>();
      const findings = await forEachCluster(mesh, async (cluster, found) => {
        if (await cluster.isHollow()) {
          found.notObservable("pods of a kwok cluster do not really run: nothing can be sent");
          return;
        }
        const { client } = await demoOf(cluster);
        if (client === undefined) {
          reportMissing(mesh, "a pod to call from (label app=sleep)", found);
          return;
        }
        const caller = await callerOf(cluster, client.pod);
        const answered = await callAll(cluster, client.place, parts, mesh, found);
        made.set(cluster, { caller, answered });
      });
      const callers = [...made.values()].map(({ caller }) => caller);
      const seen = await Promise.all(
        mesh.clusters.map(async (cluster): Promise<[string, Seen]> => {
          const pods = unique([...made.values()].flatMap(({ answered }) => answered.get(cluster.name) ?? []));
          const start = since.get(cluster.name);
          const known =
            start === undefined ? new Map<string, never>() : await seenBy(cluster, pods, callers, start, wait);
          return [cluster.name, known];
        }),
      );
      return [...findings, ...(await reportSeen(mesh, parts, made, new Map(seen)))];
    },
  };
}

export const podMatrix = podMatrixBy(sleep);

/** What the calls from one cluster came to. */
interface Made {
  readonly caller: Caller;
  /** The pods that answered, by cluster. */
  readonly answered: ReadonlyMap<string, readonly AnsweringPod[]>;
}

/** When calls begin, in the cluster's own time; undefined where that can't be asked. */
async function timeOf(cluster: Cluster): Promise<[string, Date | undefined]> {
  try {
    return [cluster.name, (await cluster.clock()).server];
  } catch {
    // Reported by other checks.
    return [cluster.name, undefined];
  }
}

function unique(pods: readonly AnsweringPod[]): AnsweringPod[] {
  return [...new Map(pods.map((pod) => [pod.ip, pod])).values()];
}

async function callAll(
  cluster: Cluster,
  place: Parameters<typeof callFrom>[1],
  parts: Awaited<ReturnType<typeof demoParts>>,
  mesh: Mesh,
  findings: FindingCollector,
): Promise<Made["answered"]> {
  const pods = [...parts.values()].flatMap((part) => (typeof part === "string" ? [] : part.pods));
  const calls = pods.length > 0 ? await callFrom(cluster, place, pods.map(urlOf)) : new Map<string, never>();
  const answered = new Map<string, readonly AnsweringPod[]>();
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
    answered.set(
      name,
      answering.filter((pod) => !failed.includes(pod)),
    );
  }
  return answered;
}

/** Says which pods have answered, and by which addresses they have seen the caller. */
async function reportSeen(
  mesh: Mesh,
  parts: Awaited<ReturnType<typeof demoParts>>,
  made: ReadonlyMap<Cluster, Made>,
  seen: ReadonlyMap<string, Seen>,
): Promise<Finding[]> {
  const callers = [...made.values()].map(({ caller }) => caller);
  return forEachCluster(mesh, (cluster, findings) => {
    const { caller, answered } = made.get(cluster) ?? {};
    for (const [name, pods] of answered ?? []) {
      const part = parts.get(name);
      if (caller === undefined || pods.length === 0 || typeof part !== "object") {
        continue;
      }
      const sources = pods.map((pod) => sourceSeen(pod, caller, callers, seen.get(name) ?? new Map<string, never>()));
      const calls = pods.map(({ name: pod }, index): AnsweredCall => {
        const source = sources[index];
        return {
          from: caller.path,
          to: `${demo.namespace}/${pod}`,
          ...(source !== undefined && { sourceAddress: source }),
        };
      });
      const between = name === cluster.name ? findings : findings.between(name);
      const others = new Set(sources.flatMap((one) => (one === undefined || one === caller.ip ? [] : [one])));
      between.passed(
        `to ${name}: ${String(pods.length)} of ${String(part.pods.length)} pods answer by IP${seenText(sources, caller)}`,
        calls,
      );
      for (const source of others) {
        const by = pods.filter((_, index) => sources[index] === source).map((pod) => pod.name);
        const whose = caller.nodeAddresses.includes(source) ? `, an address of its node ${caller.node}` : "";
        between.warning(
          `calls of pod ${caller.path} (${caller.ip}) are seen to come from ${source}${whose}, by ${by.join(", ")} of ${name}`,
          "On kind clusters that the stack has made, run pulumi up, which puts back the rules that keep addresses; for any other cluster, the check " +
            "source-addresses names what masquerades, with its setting. Connections that are open already stay as they are until they end.",
        );
      }
    }
    return Promise.resolve();
  });
}

function seenText(sources: readonly (string | undefined)[], { ip }: Caller): string {
  const own = sources.filter((source) => source === ip).length;
  const unknown = sources.filter((source) => source === undefined).length;
  return (
    (own > 0
      ? `, and ${own === sources.length ? "see" : `${String(own)} of them see`} the caller's own address ${ip}`
      : "") +
    (unknown > 0
      ? `; what address ${unknown === sources.length ? "they see" : `${String(unknown)} of them see`} is not known, since ztunnel there has not logged it`
      : "")
  );
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
