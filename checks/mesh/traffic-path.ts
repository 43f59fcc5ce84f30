import { type Connection, connectionsIn } from "../../istio";
import type { Finding, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { eastWestGateways } from "./gateways";
import { logSince } from "./logs";
import type { Calls, Expectation, Parts } from "./traffic-calls";
import { podsOf, ztunnels } from "./workloads";

/** Port of a pod in the mesh that a ztunnel sends to. */
const hbonePort = 15008;

/** By the log of the ztunnel that carried the calls: where they were sent. */
export async function checkPath(
  done: Calls,
  { pods, unseen }: Expectation,
  mesh: Mesh,
  wait: (milliseconds: number) => Promise<unknown>,
  findings: FindingCollector,
): Promise<void> {
  const { cluster, answers, client } = done;
  if (answers.length === 0) {
    return;
  }
  const connections = await connectionsOf(done, wait);
  if (connections.length === 0) {
    findings.unknown(
      `the path of the calls is unknown: ztunnel on node ${client.spec.nodeName} has not logged them`,
      "Enable ztunnel's access log: level info (logLevel in its Helm values) and, where a release turns it off, l7Telemetry.accessLog.enabled: true. Then check again.",
    );
    return;
  }
  const byAddress = new Map(pods.map((pod) => [pod.ip, pod]));
  const gateways = await gatewayAddresses(mesh);
  const wrong = new Map<string, number>();
  for (const { destination } of connections) {
    const pod = byAddress.get(destination.address);
    const place = `${destination.address}:${String(destination.port)}`;
    const problem = gateways.has(destination.address)
      ? `went to ${place}, which is the east-west gateway of ${gateways.get(destination.address) ?? ""}`
      : pod === undefined && unseen.length === 0
        ? `went to ${place}, which is not a pod of the service`
        : pod !== undefined && pod.cluster !== cluster.name && destination.port !== hbonePort
          ? `went to ${place} (pod ${pod.name} of ${pod.cluster}) instead of port ${String(hbonePort)}: outside the mesh, unencrypted`
          : undefined;
    if (problem !== undefined) {
      wrong.set(problem, (wrong.get(problem) ?? 0) + 1);
    }
  }
  for (const [problem, count] of wrong) {
    findings.failed(
      `${String(count)} of ${String(connections.length)} calls from pod ${client.path} ${problem}`,
      "Calls go through gateways where the clusters' networks have different names (check network-name) or istiod lacks the variables of a flat mesh (istiod-environment); they are unencrypted where the pod is not in the mesh (label istio.io/dataplane-mode of its namespace).",
    );
  }
  const remote = pods.filter((pod) => pod.cluster !== cluster.name);
  const lacking = remote.flatMap(({ name, ip }) => {
    const answered = answers.filter((answer) => answer === name).length;
    const logged = connections.filter(({ destination }) => destination.address === ip).length;
    return logged < answered ? [`${name} (${String(logged)} of ${String(answered)})`] : [];
  });
  if (wrong.size === 0 && lacking.length > 0) {
    findings.unknown(
      `ztunnel has not logged every call that a pod of another cluster answered: ${lacking.join(", ")}`,
      `Check again; see kubectl logs of ztunnel's pod on node ${client.spec.nodeName}.`,
    );
  } else if (wrong.size === 0 && answers.some((name) => remote.some((pod) => pod.name === name))) {
    findings.passed(
      `every call that a pod of another cluster answered went straight to that pod, port ${String(hbonePort)} (log of ztunnel on node ${client.spec.nodeName})`,
    );
  }
}

/** The calls as ztunnel has logged them. It writes a line when a connection has ended, and the line takes a moment. */
async function connectionsOf(
  { cluster, client, since, host, answers }: Calls,
  wait: (milliseconds: number) => Promise<unknown>,
): Promise<Connection[]> {
  const daemons = await ztunnels(cluster);
  const pods = (await Promise.all(daemons.map((daemon) => podsOf(cluster, daemon)))).flat();
  const carrier = pods.find(({ spec }) => spec.nodeName === client.spec.nodeName);
  let found: Connection[] = [];
  for (let tries = 0; tries < 5 && carrier !== undefined && found.length < answers.length; tries += 1) {
    if (tries > 0) {
      await wait(1000);
    }
    const log = await logSince(cluster, carrier, since);
    found = connectionsIn(log).filter(
      ({ direction, source, service, time }) =>
        direction === "outbound" &&
        source === client.metadata.name &&
        service === host &&
        time.getTime() >= since.getTime() - 2000,
    );
  }
  return found;
}

/** Pods of a cluster's east-west gateways, whose Deployments Istio's controller names after the Gateway. */
async function gatewayPods(cluster: Cluster): Promise<objects.Pod[]> {
  const [gateways, pods] = await Promise.all([eastWestGateways(cluster), cluster.pods()]);
  return pods.filter(({ metadata }) =>
    gateways.some(
      (gateway) =>
        gateway.metadata.namespace === metadata.namespace &&
        gateway.metadata.name === metadata.labels["gateway.networking.k8s.io/gateway-name"],
    ),
  );
}

/** By address: the cluster whose east-west gateway has it. */
async function gatewayAddresses({ clusters, expected }: Mesh): Promise<ReadonlyMap<string, string>> {
  const published = Object.entries(expected.eastWestAddresses ?? {}).map(([name, { value }]): [string, string] => [
    value,
    name,
  ]);
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      try {
        const [pods, gateways] = await Promise.all([gatewayPods(cluster), eastWestGateways(cluster)]);
        const addresses = [
          ...pods.flatMap(({ status }) => status.podIP ?? []),
          ...gateways.flatMap(({ status }) => status.addresses.map(({ value }) => value)),
        ];
        return addresses.map((address): [string, string] => [address, cluster.name]);
      } catch {
        // Reported by other checks.
        return [];
      }
    }),
  );
  return new Map([...published, ...found.flat()]);
}
/** By the logs of the east-west gateways: whether a call of the demo came by meanwhile. */
export async function checkGateways(mesh: Mesh, made: readonly Calls[], parts: Parts): Promise<Finding[]> {
  if (made.length === 0) {
    return [];
  }
  const since = new Date(Math.min(...made.map((one) => one.since.getTime())));
  const pods = [...parts.values()].flatMap((part) => (typeof part === "string" ? [] : part.pods));
  const names = new Set([
    ...made.flatMap(({ client, host }) => [client.metadata.name, client.status.podIP ?? client.metadata.name, host]),
    ...pods.flatMap(({ name, ip }) => [name, ip]),
  ]);
  return forEachCluster(mesh, async (cluster, findings) => {
    const gateways = await gatewayPods(cluster);
    for (const pod of gateways) {
      const lines = (await logSince(cluster, pod, since)).split("\n");
      const hits = lines.filter(
        (line) => line.includes(String(hbonePort)) && wordsOf(line).some((word) => names.has(word)),
      );
      if (hits.length > 0) {
        findings.failed(
          `the east-west gateway (pod ${pod.path}) logged ${String(hits.length)} connections of the demo during the test: calls go through the gateway`,
          "Calls go through gateways where the clusters' networks have different names: see the check network-name.",
        );
      } else {
        findings.passed(`the east-west gateway (pod ${pod.path}) logged no connection of the demo during the test`);
      }
    }
  });
}

/** The names and addresses in a line of a log, ports aside. */
function wordsOf(line: string): string[] {
  return line.split(/[^\w.-]+/);
}
