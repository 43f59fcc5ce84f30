/** From which addresses pods see calls come, by the access log of the ztunnel on their node. */
import { isIPv4 } from "node:net";
import { ZodError } from "zod";
import { connectionsIn } from "../../istio";
import { Forbidden, Unreachable } from "../../kubernetes";
import type { Cluster, objects } from "../inventory";
import { type AnsweringPod, demo } from "./demo";
import { logSince } from "./logs";
import { podsOf, ztunnels } from "./workloads";

/** A pod that calls, and the addresses that its calls may be seen to come from. */
export interface Caller {
  readonly cluster: string;
  readonly path: string;
  readonly ip: string;
  readonly node: string;
  readonly nodeAddresses: readonly string[];
}

export async function callerOf(cluster: Cluster, { path, spec, status }: objects.Pod): Promise<Caller> {
  const node = (await cluster.nodes()).find(({ name }) => name === spec.nodeName);
  return {
    cluster: cluster.name,
    path,
    ip: status.podIP ?? "",
    node: spec.nodeName,
    nodeAddresses: (node?.addresses ?? []).flatMap(({ address }) => (isIPv4(address) ? [address] : [])),
  };
}

/** The addresses that each pod of a cluster has seen calls come from, by the pod's own. */
export type Seen = ReadonlyMap<string, ReadonlySet<string>>;

/** Which address a pod has seen the calls of a caller come from; undefined where that is not known. */
export function sourceSeen(
  { ip }: AnsweringPod,
  caller: Caller,
  callers: readonly Caller[],
  seen: Seen,
): string | undefined {
  const addresses = seen.get(ip) ?? new Set<string>();
  // A connection that was opened before something began to masquerade may still show the pod's own.
  const ofNode = caller.nodeAddresses.find((address) => addresses.has(address));
  if (ofNode !== undefined || addresses.has(caller.ip)) {
    return ofNode ?? caller.ip;
  }
  const known = new Set(callers.flatMap((one) => [one.ip, ...one.nodeAddresses]));
  const [stranger, ...more] = [...addresses].filter((address) => !known.has(address));
  const others = callers.filter((one) => ![one.ip, ...one.nodeAddresses].some((address) => addresses.has(address)));
  return more.length === 0 && others.length === 1 ? stranger : undefined;
}

/** How often logs are read, and how long is waited in between, in milliseconds: a line takes a moment. */
const [tries, pause] = [4, 1000];

/**
 * Reads what pods have seen of calls since then. A log that can't be read, or that nobody writes, shows nothing.
 *
 * @param callers Those that have called all of the pods.
 */
export async function seenBy(
  cluster: Cluster,
  pods: readonly AnsweringPod[],
  callers: readonly Caller[],
  since: Date,
  wait: (milliseconds: number) => Promise<unknown>,
): Promise<Seen> {
  const seen = new Map<string, Set<string>>();
  try {
    const daemons = await ztunnels(cluster);
    const all = (await Promise.all(daemons.map((daemon) => podsOf(cluster, daemon)))).flat();
    const carriers = all.filter(({ spec }) => pods.some(({ node }) => node === spec.nodeName));
    for (let tried = 0; tried < tries && carriers.length > 0; tried += 1) {
      if (tried > 0) {
        await wait(pause);
      }
      const logs = await Promise.all(carriers.map((carrier) => logSince(cluster, carrier, since)));
      for (const [address, source] of logs.flatMap((log) => inbound(log, since))) {
        seen.set(address, (seen.get(address) ?? new Set()).add(source));
      }
      const known = pods.every((pod) =>
        callers.every((caller) => sourceSeen(pod, caller, callers, seen) !== undefined),
      );
      // Where nothing is logged by now, nothing will be.
      if (known || (tried > 0 && seen.size === 0)) {
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof Unreachable || error instanceof Forbidden || error instanceof ZodError)) {
      throw error;
    }
  }
  return seen;
}

const identity = `/ns/${demo.namespace}/sa/${demo.client.app}`;

/** Addresses of called pods with those that the demo's clients were seen to call from. */
function inbound(log: string, since: Date): [pod: string, source: string][] {
  return connectionsIn(log).flatMap((connection): [string, string][] =>
    connection.direction === "inbound" &&
    connection.sourceAddress !== undefined &&
    connection.identity?.endsWith(identity) === true &&
    connection.time.getTime() >= since.getTime() - 2000
      ? [[connection.destination.address, connection.sourceAddress]]
      : [],
  );
}
