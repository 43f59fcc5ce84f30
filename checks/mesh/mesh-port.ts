import { runInNode } from "../../kubernetes";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, type Mesh, objects } from "../inventory";
import { readFailure } from "../inventory/each-cluster";
import { kubectl } from "../remedies";
import { type Call, callFrom } from "./calls";
import { type AnsweringPod, demo, demoOf, demoParts, wantsDemo } from "./demo";
import { type Attempt, type InNode, nodeContainerOf, type Target, tryFromNode } from "./node-connections";
import { dataPort } from "./gateways";

/** What a node has come to with a pod of another cluster. */
interface Tried {
  readonly node: string;
  /** On the port of the mesh, and on the port that the pod itself listens on. */
  readonly mesh: Attempt;
  readonly own: Attempt;
}

/**
 * Whether pods of other clusters can be reached on the port that ztunnel sends to: from nodes, where they are containers of this
 * machine, and from a pod, whose calls ztunnel sends there. What a firewall or a policy blocks is told apart from a network that is
 * down by the pod's own port.
 *
 * @param inNode Set in tests: what stands for the container engine.
 */
export function meshPortBy(inNode: InNode): Check {
  return {
    id: "mesh-port",
    title: `Pods of every other cluster can be reached on port ${String(dataPort)}, from nodes and from pods`,
    causes: { inCluster: ["subnets", "node-routes"], acrossLinks: ["subnets"] },
    async run(mesh) {
      const parts = await demoParts(mesh);
      return forEachCluster(mesh, async (cluster, findings) => {
        if (await cluster.isHollow()) {
          findings.notObservable("pods of a kwok cluster do not really run: nothing can be connected to");
          return;
        }
        const pods = [...parts].flatMap(([name, part]) =>
          name === cluster.name || typeof part === "string" ? [] : onePerNode(part.pods),
        );
        if (pods.length === 0) {
          findings.notApplicable(`there is no pod of another cluster to connect to. ${wantsDemo}`);
          return;
        }
        const { client } = await demoOf(cluster);
        const [nodes, calls] = await Promise.all([
          tryFromNodes(cluster, pods, inNode, findings),
          client === undefined ? undefined : callFrom(cluster, client.place, pods.map(urlOf)),
        ]);
        for (const pod of pods) {
          const tried = nodes.map(({ node, attempts }) => ({
            node,
            mesh: attempts.get(keyOf(pod, dataPort)) ?? "unknown",
            own: attempts.get(keyOf(pod, demo.port)) ?? "unknown",
          }));
          const call = calls?.get(urlOf(pod));
          await judge({ cluster, client: client?.pod, pod, tried, call }, mesh, findings.between(pod.cluster));
        }
      });
    },
  };
}

export const meshPort = meshPortBy(runInNode);

/** A firewall stands in front of a node: one pod on each will do. */
function onePerNode(pods: readonly AnsweringPod[]): AnsweringPod[] {
  return [...new Map(pods.map((pod) => [pod.node, pod])).values()];
}

async function tryFromNodes(
  cluster: Cluster,
  pods: readonly AnsweringPod[],
  inNode: InNode,
  findings: FindingCollector,
): Promise<{ readonly node: string; readonly attempts: ReadonlyMap<string, Attempt> }[]> {
  const targets = pods.flatMap(({ ip }): Target[] => [dataPort, demo.port].map((port) => ({ ip, port })));
  const nodes = await cluster.nodes();
  const tried = await Promise.all(
    nodes.map(async (node) => {
      const container = nodeContainerOf(node);
      try {
        const attempts = container && (await tryFromNode(container, targets, inNode));
        if (attempts !== undefined) {
          return [{ node: node.name, attempts }];
        }
        findings.notObservable(`node ${node.name} is not a container on this machine: nothing can be tried from it`);
      } catch (error) {
        const [message] = readFailure(error);
        findings.unknown(
          `node ${node.name}: ${message}`,
          `See whether the container engine answers, and the node runs: docker ps --filter name=${node.name}`,
        );
      }
      return [];
    }),
  );
  return tried.flat();
}

interface Evidence {
  readonly cluster: Cluster;
  /** Who has called; undefined where nobody can. */
  readonly client: objects.Pod | undefined;
  readonly pod: AnsweringPod;
  readonly tried: readonly Tried[];
  readonly call: Call | undefined;
}

async function judge(evidence: Evidence, mesh: Mesh, findings: FindingCollector): Promise<void> {
  const { client, pod, tried, call } = evidence;
  const where = `pod ${demo.namespace}/${pod.name} of ${pod.cluster} (${pod.ip}, on node ${pod.node})`;
  const port = `port ${String(dataPort)}`;
  const bad = tried.filter((one) => one.mesh !== "open" && one.mesh !== "unknown");
  for (const { node, mesh: attempt, own } of bad) {
    if (own !== "open") {
      findings.failed(
        `node ${node} can't reach ${where} at all: ${port} ${words[attempt]}, and port ${String(demo.port)}, which it listens on, ${words[own]}`,
        "The network between the nodes is broken, not this port alone: see the check node-routes and the firewalls between the nodes.",
      );
    } else if (attempt === "refused") {
      findings.failed(
        `${port} of ${where} refuses connections from node ${node}, whereas its port ${String(demo.port)} answers: ztunnel does not listen there, or a firewall rejects this port`,
        `See whether the pod is in the mesh (${getPod(pod, mesh)} has the annotation ambient.istio.io/redirection: enabled) and ztunnel runs on node ${pod.node}. ${firewall(pod)}`,
      );
    } else {
      findings.failed(
        `${port} of ${where} is blocked: a connection from node ${node} ${words[attempt]}, whereas port ${String(demo.port)} of the same pod answers`,
        firewall(pod),
      );
    }
  }
  if (bad.length > 0 || client === undefined || call === undefined || !call.made) {
    if (bad.length === 0 && tried.length > 0) {
      findings.passed(`${port} of ${where} is open to ${String(tried.length)} nodes`);
    }
    return;
  }
  if (call.status > 0) {
    const nodes = tried.length > 0 ? `${String(tried.length)} nodes and ` : "";
    findings.passed(`${port} of ${where} is open to ${nodes}pod ${client.path}`);
    return;
  }
  const policies = await policiesOf(evidence, mesh);
  if (tried.some((one) => one.mesh === "open")) {
    findings.failed(
      `${port} of ${where} can be reached from the nodes, but not from pod ${client.path}: ${call.reason}`,
      `Most likely a NetworkPolicy, or a policy of the CNI's own kind, lets pods call port ${String(demo.port)} and not TCP ${String(dataPort)}: ${policies}.`,
    );
  } else {
    findings.failed(
      `a call from pod ${client.path} to ${where}, which ztunnel sends to ${port}, fails: ${call.reason}`,
      `${firewall(pod)} Or a NetworkPolicy refuses the port: ${policies}.`,
    );
  }
}

const words: Readonly<Record<Attempt, string>> = {
  open: "answers",
  refused: "refuses connections",
  silent: "gets no answer within 3 seconds",
  unreachable: "has no route",
  unknown: "could not be tried",
};

function getPod({ name, cluster }: AnsweringPod, { clusters }: Mesh): string {
  const target = clusters.find((one) => one.name === cluster) ?? { name: cluster, access: undefined };
  return kubectl(target, "get", "pod", "-n", demo.namespace, name, "-o", "yaml");
}

function firewall({ node, cluster }: AnsweringPod): string {
  return (
    `Allow TCP ${String(dataPort)} between the pods of all clusters, in both directions: look at the rules on node ${node} of ${cluster} and on the nodes that call ` +
    `(iptables-save | grep ${String(dataPort)}; nft list ruleset), and at the security groups or firewalls between them.`
  );
}

/** The policies that a call is subject to: those of the caller's and of the called pod's namespace. */
async function policiesOf({ cluster, pod }: Evidence, { clusters }: Mesh): Promise<string> {
  const sides = clusters.filter(({ name }) => name === cluster.name || name === pod.cluster);
  const names = await Promise.all(
    sides.map(async (side) => {
      const path = `/apis/networking.k8s.io/v1/namespaces/${demo.namespace}/networkpolicies`;
      const all = await side.list(path, objects.Named).catch(() => []);
      return all.map(({ metadata }) => `NetworkPolicy ${metadata.namespace}/${metadata.name} of ${side.name}`);
    }),
  );
  const found = names.flat();
  return found.length > 0
    ? `look at ${found.join(", ")}`
    : `there is no NetworkPolicy in namespace ${demo.namespace} of ${sides.map(({ name }) => name).join(" or ")}, so look at those of the CNI (kubectl get ciliumnetworkpolicies,globalnetworkpolicies -A)`;
}

function keyOf({ ip }: AnsweringPod, port: number): string {
  return `${ip} ${String(port)}`;
}

function urlOf({ ip }: AnsweringPod): string {
  return `http://${ip.includes(":") ? `[${ip}]` : ip}:${String(demo.port)}/hello`;
}
