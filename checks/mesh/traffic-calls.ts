import type { FindingCollector } from "../check";
import { type Cluster, type Mesh, objects } from "../inventory";
import { patience, reasonOf } from "./calls";
import { callsToMiss, levelOfOne, sharesOf } from "./traffic-spread";
import { type AnsweringPod, demo, type DemoPart, reportMissing } from "./demo";
import { expectedPeers } from "../inventory/mesh";

/** The least number of calls whose answers are evaluated, and the most that are made. */
const calls = { least: 40, most: 400 };
/** How many are under way at once, and after how many seconds no more are begun. */
const [together, mostSeconds] = [16, 8];
/** After this many failed calls no more are made: each may take until its timeout. */
const failuresUntilEnough = 4;

export type Parts = ReadonlyMap<string, DemoPart | string>;
/** What the calls from one cluster came to. */
export interface Calls {
  readonly cluster: Cluster;
  readonly client: objects.Pod;
  /** In the cluster's own time. */
  readonly since: Date;
  readonly host: string;
  /** Names of the pods that answered, one a call. */
  readonly answers: readonly string[];
  /** Why calls failed, one a call. */
  readonly failures: readonly string[];
  /** How many it takes to say that no cluster is left out. */
  readonly wanted: number;
}

/** Which clusters may answer, and how. */
export interface Expectation {
  /** Pods that may answer. */
  readonly pods: readonly AnsweringPod[];
  /** Clusters that may answer, and whose pods are not known here: of another stack, or out of reach. */
  readonly unseen: readonly string[];
  /** The preference of the Service, where it has one. */
  readonly preference: string | undefined;
}
/** One call a line: curl's exit code, and the answer; ends early where nothing works. */
const script = `
start=$(date +%s); made=0; failed=0
while [ $made -lt "$2" ] && [ $failed -lt ${String(failuresUntilEnough)} ] && [ $(($(date +%s) - start)) -lt ${String(mostSeconds)} ]; do
  pids=""; batch=0
  while [ $batch -lt ${String(together)} ] && [ $made -lt "$2" ]; do
    (answer=$(curl -s --max-time ${String(patience)} "$1"); exit=$?; echo "$exit" $answer; exit $exit) &
    pids="$pids $!"; batch=$((batch + 1)); made=$((made + 1))
  done
  for pid in $pids; do wait "$pid" || failed=$((failed + 1)); done
done`;

/** Calls the global service from the demo's client; undefined where that is impossible, which is reported. */
export async function makeCalls(
  cluster: Cluster,
  mesh: Mesh,
  parts: Parts,
  findings: FindingCollector,
): Promise<Calls | undefined> {
  if (await cluster.isHollow()) {
    findings.notObservable("pods of a kwok cluster do not really run: nothing can be called");
    return undefined;
  }
  const part = parts.get(cluster.name);
  if (part === undefined || typeof part === "string") {
    findings.unknown(
      `not called from here: ${part ?? ""}`,
      "Make sure that the cluster runs and can be reached from here.",
    );
    return undefined;
  }
  if (part.client === undefined || part.service === undefined) {
    reportMissing(mesh, part.client ? `a Service ${demo.service}` : "a pod to call from (label app=sleep)", findings);
    return undefined;
  }
  for (const name of [cluster.name, ...expectedPeers(mesh, cluster.name).map((peer) => peer.name)]) {
    const other = parts.get(name);
    if (typeof other === "object" && other.pods.length === 0) {
      reportMissing(mesh, `a pod in ${name} to answer (Service ${demo.service})`, findings);
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
    (mostSeconds + patience + 15) * 1000,
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
    wanted: count,
  };
}
/** Who may answer calls from a cluster. */
export async function expectationOf(cluster: Cluster, mesh: Mesh, parts: Parts): Promise<Expectation> {
  const peers = expectedPeers(mesh, cluster.name).map(({ name }) => name);
  const names = [cluster.name, ...peers];
  const known = names.flatMap((name) => {
    const part = parts.get(name);
    return part === undefined || typeof part === "string" ? [] : [part];
  });
  const namespace = await cluster.get(`/api/v1/namespaces/${demo.namespace}`, objects.Namespace);
  const annotation = "networking.istio.io/traffic-distribution";
  const preferences = [
    namespace?.metadata.annotations[annotation],
    ...known.flatMap(({ service }) => [service?.spec.trafficDistribution, service?.metadata.annotations[annotation]]),
  ];
  return {
    pods: known.flatMap(({ pods }) => pods),
    unseen: names.filter((name) => typeof (parts.get(name) ?? "") === "string"),
    preference: preferences.find((value) => value && value !== "Any"),
  };
}
/** Enough calls that no cluster is left out by chance. */
function callsOf(mesh: Mesh, { pods }: Expectation): number {
  const shares = [...sharesOf(pods).values()];
  const needed = shares.length > 1 ? callsToMiss(Math.min(...shares), levelOfOne(mesh)) : 0;
  return Math.min(calls.most, Math.max(calls.least, needed));
}
