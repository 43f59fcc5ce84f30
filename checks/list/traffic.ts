import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, connectionsIn } from "../../observe";
import type { Check, Finding, Findings } from "../check";
import { type Cluster, inEach, type Mesh, objects } from "../mesh";
import { patience, reasonOf } from "./calls";
import { binomialTest, callsToMiss } from "./chance";
import { type AnsweringPod, demo, type DemoPart, demoParts, judgeMissing } from "./demo";
import { eastWestGateways } from "./gateways";
import { expectedPeers } from "./peers-of-links";
import { ztunnels, podsOf } from "./workloads";

/** Port of a pod in the mesh that a ztunnel sends to. */
const hbonePort = 15008;
/** Of how many calls at least the answers are judged, and how many are made at most. */
const calls = { least: 40, most: 400 };
/** How probable a false alarm about the spread may be, over all clusters together. */
const level = 0.001;
/** Calls that fail until it is enough: each may take as long as its patience. */
const failuresUntilEnough = 8;

type Parts = ReadonlyMap<string, DemoPart | string>;

/** What the calls from one cluster came to. */
interface Calls {
  readonly cluster: Cluster;
  readonly client: objects.Pod;
  /** In the cluster's own time. */
  readonly since: Date;
  readonly host: string;
  /** Names of the pods that answered, one a call. */
  readonly answers: readonly string[];
  /** Why calls failed, one a call. */
  readonly failures: readonly string[];
}

/** Which clusters may answer, and how. */
interface Expectation {
  /** Pods that may answer. */
  readonly pods: readonly AnsweringPod[];
  /** Clusters that may answer, and whose pods are not known here: of another stack, or out of reach. */
  readonly unseen: readonly string[];
  /** The preference of the Service, where it has one. */
  readonly preference: string | undefined;
}

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
    async look(mesh) {
      const parts = await demoParts(mesh);
      const made: Calls[] = [];
      const findings = await inEach(mesh, async (cluster, found) => {
        const done = await callFrom(cluster, mesh, parts, found);
        if (done !== undefined) {
          made.push(done);
          const expectation = await expectationOf(cluster, mesh, parts);
          judgeAnswers(done, expectation, mesh, found);
          await judgeWay(done, expectation, mesh, wait, found);
        }
      });
      return [...findings, ...(await judgeGateways(mesh, made, parts))];
    },
  };
}

export const traffic = trafficBy(sleep);

/** One call a line: curl's exit code, and the answer; ends early where nothing works. */
const script = `
i=0; failed=0
while [ $i -lt "$2" ] && [ $failed -lt ${String(failuresUntilEnough)} ]; do
  i=$((i+1))
  answer=$(curl -s --max-time ${String(patience)} "$1"); exit=$?
  [ $exit -eq 0 ] || failed=$((failed+1))
  echo "$exit" $answer
done`;

async function callFrom(cluster: Cluster, mesh: Mesh, parts: Parts, findings: Findings): Promise<Calls | undefined> {
  if (await cluster.isHollow()) {
    findings.notObservable("pods of a kwok cluster only say that they run: nothing can be called");
    return undefined;
  }
  const part = parts.get(cluster.name);
  if (part === undefined || typeof part === "string") {
    findings.unknown(`not called from here: ${part ?? ""}`, "See that the cluster runs and can be reached from here.");
    return undefined;
  }
  if (part.client === undefined || part.service === undefined) {
    judgeMissing(mesh, part.client ? `a Service ${demo.service}` : "a pod to call from (label app=sleep)", findings);
    return undefined;
  }
  for (const name of [cluster.name, ...expectedPeers(mesh, cluster.name).map((peer) => peer.name)]) {
    const other = parts.get(name);
    if (typeof other === "object" && other.pods.length === 0) {
      judgeMissing(mesh, `a pod in ${name} to answer (Service ${demo.service})`, findings);
    }
  }
  const distribution = mesh.expected.distribution ?? (await cluster.distribution());
  const domain = distribution === "solo" ? "mesh.internal" : "svc.cluster.local";
  const host = `${demo.service}.${demo.namespace}.${domain}`;
  const { server } = await cluster.clock();
  const count = callsOf(mesh, await expectationOf(cluster, mesh, parts));
  const printed = await cluster.run(
    part.client.place,
    ["sh", "-c", script, "sh", `http://${host}:${String(demo.port)}/hello`, String(count)],
    (count + failuresUntilEnough * patience + 60) * 1000,
  );
  const lines = printed.split("\n").filter((line) => line.trim() !== "");
  const results = lines.map((line) => {
    const [, exit = "", answer = ""] = /^(\d+)\s*(.*)$/.exec(line) ?? [];
    const [, pod] = /instance: (\S+)/.exec(answer) ?? [];
    return {
      pod,
      failure: exit === "0" ? `another answer: ${answer.slice(0, 80) || "nothing"}` : reasonOf(Number(exit)),
    };
  });
  return {
    cluster,
    client: part.client.pod,
    since: server,
    host,
    answers: results.flatMap(({ pod }) => pod ?? []),
    failures: results.flatMap(({ pod, failure }) => (pod === undefined ? [failure] : [])),
  };
}

async function expectationOf(cluster: Cluster, mesh: Mesh, parts: Parts): Promise<Expectation> {
  const peers = expectedPeers(mesh, cluster.name).map(({ name }) => name);
  const names = [cluster.name, ...peers];
  const known = names.flatMap((name) => {
    const part = parts.get(name);
    return part === undefined || typeof part === "string" ? [] : [part];
  });
  const namespace = await cluster.get(`/api/v1/namespaces/${demo.namespace}`, objects.Namespace);
  const annotation = "networking.istio.io/traffic-distribution";
  const said = [
    namespace?.metadata.annotations[annotation],
    ...known.flatMap(({ service }) => [service?.spec.trafficDistribution, service?.metadata.annotations[annotation]]),
  ];
  return {
    pods: known.flatMap(({ pods }) => pods),
    unseen: names.filter((name) => typeof (parts.get(name) ?? "") === "string"),
    preference: said.find((value) => value && value !== "Any"),
  };
}

/** How many tests of the spread there are at most, over all clusters: one cluster's false alarm is the mesh's. */
function levelOfOne({ clusters }: Mesh): number {
  return level / Math.max(1, clusters.length ** 2);
}

/** As many calls as it takes that no cluster is left out by chance. */
function callsOf(mesh: Mesh, { pods }: Expectation): number {
  const shares = [...sharesOf(pods).values()];
  const needed = shares.length > 1 ? callsToMiss(Math.min(...shares), levelOfOne(mesh)) : 0;
  return Math.min(calls.most, Math.max(calls.least, needed));
}

/** By cluster: its share of the pods. */
function sharesOf(pods: readonly AnsweringPod[]): Map<string, number> {
  const names = [...new Set(pods.map(({ cluster }) => cluster))];
  return new Map(names.map((name) => [name, pods.filter(({ cluster }) => cluster === name).length / pods.length]));
}

function judgeAnswers(
  { cluster, client, host, answers, failures }: Calls,
  { pods, unseen, preference }: Expectation,
  mesh: Mesh,
  findings: Findings,
): void {
  const total = answers.length + failures.length;
  const path = `pod ${client.path}`;
  if (failures.length > 0 || total === 0) {
    findings.failed(
      `${String(failures.length)} of ${String(total)} calls of ${host} from ${path} failed: ${[...new Set(failures)].join("; ") || "nothing was called"}`,
      `Try: kubectl exec -n ${demo.namespace} ${client.metadata.name} -- curl -v http://${host}:${String(demo.port)}/hello. The checks pod-matrix and global-services tell the network from what istiod tells.`,
    );
  }
  const byName = new Map(pods.map((pod) => [pod.name, pod]));
  const strangers = [...new Set(answers.filter((name) => !byName.has(name)))];
  if (strangers.length > 0 && unseen.length === 0) {
    findings.failed(
      `calls from ${path} were answered by ${strangers.join(", ")}: no pod of ${cluster.name} or of a cluster that it is linked to`,
      "See which cluster has that pod. One that left the mesh, or is no link of this one, is still read or connected: the checks remote-secrets (community) and stale-entries (solo).",
    );
  }
  const counts = new Map<string, number>([...sharesOf(pods).keys()].map((name) => [name, 0]));
  for (const name of answers) {
    const from = byName.get(name)?.cluster;
    counts.set(from ?? "others", (counts.get(from ?? "others") ?? 0) + 1);
  }
  const spread = [...counts].map(([name, count]) => `${String(count)} by ${name}`).join(", ");
  for (const name of unseen) {
    findings.notApplicable(`whether pods of ${name} answer is not judged: they are not known here`);
  }
  if (preference !== undefined) {
    findings.notApplicable(
      `the spread over clusters is not judged: the Service has the traffic distribution ${preference} (${spread})`,
    );
  } else if (unseen.length === 0 && answers.length > 0) {
    judgeSpread({ counts, spread, shares: sharesOf(pods), client }, mesh, findings);
  }
  if (failures.length === 0 && answers.length > 0) {
    findings.passed(`${String(answers.length)} of ${String(total)} calls of ${host} were answered: ${spread}`);
  }
}

interface Spread {
  readonly counts: ReadonlyMap<string, number>;
  readonly spread: string;
  readonly shares: ReadonlyMap<string, number>;
  readonly client: objects.Pod;
}

/** By an exact test for each cluster against its share of the pods, all together at one level. */
function judgeSpread({ counts, spread, shares, client }: Spread, mesh: Mesh, findings: Findings): void {
  const known = [...counts].filter(([name]) => shares.has(name));
  const total = known.reduce((sum, [, count]) => sum + count, 0);
  for (const [name, count] of known) {
    const share = shares.get(name) ?? 0;
    const chance = binomialTest(count, total, share);
    if (chance >= levelOfOne(mesh)) {
      continue;
    }
    const expected = `${String(Math.round(share * total))} of ${String(total)} were to be expected`;
    if (count === 0) {
      findings.failed(
        `no call from pod ${client.path} was answered by ${name}, and ${expected} (${spread})`,
        `See whether ztunnel knows of the pods there (check global-services), whether they can be reached (pod-matrix), and whether the network has one name (network-name).`,
      );
    } else {
      findings.failed(
        `calls from pod ${client.path} are not spread evenly: ${String(count)} were answered by ${name}, and ${expected} (${spread}; by chance with a probability of ${chance.toExponential(0)})`,
        "See whether ztunnel knows of all pods (check global-services), and whether a locality or a DestinationRule prefers some.",
      );
    }
  }
}

/** By the log of the ztunnel that carried the calls: where they were sent. */
async function judgeWay(
  done: Calls,
  { pods, unseen }: Expectation,
  mesh: Mesh,
  wait: (milliseconds: number) => Promise<unknown>,
  findings: Findings,
): Promise<void> {
  const { cluster, answers, client } = done;
  if (answers.length === 0) {
    return;
  }
  const connections = await connectionsOf(done, wait);
  if (connections.length === 0) {
    findings.unknown(
      `how the calls went can't be told: ztunnel on node ${client.spec.nodeName} has not logged them`,
      "Have ztunnel write its access log: level info (logLevel in its Helm values), and where a release turns it off, l7Telemetry.accessLog.enabled: true. Then check again.",
    );
    return;
  }
  const byAddress = new Map(pods.map((pod) => [pod.ip, pod]));
  const gateways = await gatewayAddresses(mesh);
  const wrong = new Map<string, number>();
  for (const { destination } of connections) {
    const pod = byAddress.get(destination.address);
    const place = `${destination.address}:${String(destination.port)}`;
    const fault = gateways.has(destination.address)
      ? `went to ${place}, which is the east-west gateway of ${gateways.get(destination.address) ?? ""}`
      : pod === undefined && unseen.length === 0
        ? `went to ${place}, which is no pod of the service`
        : pod !== undefined && pod.cluster !== cluster.name && destination.port !== hbonePort
          ? `went to ${place} (pod ${pod.name} of ${pod.cluster}), and not to port ${String(hbonePort)}: outside of the mesh, in the clear`
          : undefined;
    if (fault !== undefined) {
      wrong.set(fault, (wrong.get(fault) ?? 0) + 1);
    }
  }
  for (const [fault, count] of wrong) {
    findings.failed(
      `${String(count)} of ${String(connections.length)} calls from pod ${client.path} ${fault}`,
      "Calls go by gateways where the clusters' networks have different names (check network-name) or istiod lacks the variables of a flat mesh (istiod-environment); in the clear where the pod is not in the mesh (label istio.io/dataplane-mode of its namespace).",
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

async function logSince(cluster: Cluster, { metadata, spec }: objects.Pod, since: Date): Promise<string> {
  const [container] = spec.containers;
  const query = new URLSearchParams({
    container: container?.name ?? "",
    // The node's clock need not be the API server's.
    sinceTime: new Date(since.getTime() - 2000).toISOString(),
  });
  const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/log`;
  return (await cluster.text(`${path}?${query.toString()}`)) ?? "";
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
  const told = Object.entries(expected.eastWestAddresses ?? {}).map(([name, { value }]): [string, string] => [
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
        // Looked at by other checks.
        return [];
      }
    }),
  );
  return new Map([...told, ...found.flat()]);
}

/** By the logs of the east-west gateways: whether a call of the demo came by meanwhile. */
async function judgeGateways(mesh: Mesh, made: readonly Calls[], parts: Parts): Promise<Finding[]> {
  if (made.length === 0) {
    return [];
  }
  const since = new Date(Math.min(...made.map((one) => one.since.getTime())));
  const pods = [...parts.values()].flatMap((part) => (typeof part === "string" ? [] : part.pods));
  const names = new Set([
    ...made.flatMap(({ client, host }) => [client.metadata.name, client.status.podIP ?? client.metadata.name, host]),
    ...pods.flatMap(({ name, ip }) => [name, ip]),
  ]);
  return inEach(mesh, async (cluster, findings) => {
    const gateways = await gatewayPods(cluster);
    for (const pod of gateways) {
      const lines = (await logSince(cluster, pod, since)).split("\n");
      const hits = lines.filter(
        (line) => line.includes(String(hbonePort)) && wordsOf(line).some((word) => names.has(word)),
      );
      if (hits.length > 0) {
        findings.failed(
          `the east-west gateway (pod ${pod.path}) has logged ${String(hits.length)} connections of the demo meanwhile: calls go by the gateway`,
          "Calls go by gateways where the clusters' networks have different names: see the check network-name.",
        );
      } else {
        findings.passed(`the east-west gateway (pod ${pod.path}) has logged no connection of the demo meanwhile`);
      }
    }
  });
}

/** The names and addresses in a line of a log, ports aside. */
function wordsOf(line: string): string[] {
  return line.split(/[^\w.-]+/);
}
