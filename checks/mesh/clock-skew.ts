import type { Clock } from "../../kubernetes";
import type { Check, Finding, FindingCollector } from "../check";
import { kubectl } from "../remedies";
import { inMeshOrder } from "./across-clusters";
import { type Cluster, forEachCluster, objects } from "../inventory";

/** From how many milliseconds on two clocks are too far apart: certificates seem not yet valid, or ended. */
const [tooFar, far] = [60_000, 5000];

/** How long a kubelet's request may take, in milliseconds: it writes the time before sending it. */
const underWay = 2000;

/** A difference between two clocks, in milliseconds, that is known within bounds. */
interface Range {
  readonly least: number;
  readonly most: number;
}

const leases = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";

const syncAdvice =
  "Synchronise it by NTP: timedatectl status or chronyc tracking on that machine shows the current state.";

/** Whether clocks agree: certificates are valid from the second in which they are issued, by their issuer's clock. */
export const clockSkew: Check = {
  id: "clock-skew",
  title: "The clocks of API servers, nodes and this machine agree",
  async run(mesh) {
    const offsets = new Map<Cluster, Range>();
    const findings = await forEachCluster(mesh, async (cluster, found) => {
      const offset = offsetOf(await cluster.clock());
      offsets.set(cluster, offset);
      if (distance(offset) > far) {
        found.warning(
          `the API server's clock is ${describe(offset)} this machine's`,
          "Synchronise whichever is wrong by NTP. The checks use this machine's clock to tell when certificates expire.",
        );
      } else {
        found.passed("the API server's clock agrees with this machine's");
      }
      await checkNodes(cluster, found);
    });
    return [...findings, ...between(inMeshOrder(mesh, offsets))];
  },
};

/** How far a server is ahead of this machine. It gives the time in whole seconds, at some moment between request and response. */
function offsetOf({ server, asked, answered }: Clock): Range {
  return { least: server.getTime() - answered.getTime(), most: server.getTime() + 999 - asked.getTime() };
}

/** How far two clocks are apart at the least: what can be doubted raises no alarm. */
function distance({ least, most }: Range): number {
  return Math.max(least, -most, 0);
}

function describe(range: Range): string {
  return `${String(Math.round(distance(range) / 1000))} s ${range.least > 0 ? "ahead of" : "behind"}`;
}

/** Compares each cluster with the one that agrees with most of the others, so that one bad clock is one finding. */
function between(offsets: readonly (readonly [Cluster, Range])[]): Finding[] {
  const apart = (one: Range, other: Range): Range => ({ least: one.least - other.most, most: one.most - other.least });
  const agreeing = (one: Range) => offsets.filter(([, other]) => distance(apart(one, other)) <= far).length;
  const [best] = offsets.toSorted(([, one], [, other]) => agreeing(other) - agreeing(one));
  if (best === undefined || offsets.length < 2) {
    return [];
  }
  const [{ name: reference }, right] = best;
  const bad = offsets.flatMap(([{ name }, offset]): Finding[] => {
    const range = apart(offset, right);
    return distance(range) <= far
      ? []
      : [
          {
            status: distance(range) > tooFar ? "failed" : "warning",
            message: `the clock of ${name}'s API server is ${describe(range)} that of ${reference}`,
            remedy: `Find out which of the two is wrong: date -u on their control planes. ${syncAdvice}`,
          },
        ];
  });
  return bad.length > 0
    ? bad
    : [{ status: "passed", message: `the clocks of ${String(offsets.length)} API servers agree with each other` }];
}

/**
 * Nodes' clocks by their Leases: `renewTime` is by the kubelet's clock, and the time in `managedFields`, in whole seconds, by
 * the API server's when it took the same update.
 */
async function checkNodes(cluster: Cluster, findings: FindingCollector): Promise<void> {
  const nodes = await cluster.nodes();
  const real = nodes.filter(({ hollow }) => !hollow);
  if (real.length === 0) {
    if (nodes.length > 0) {
      findings.notObservable("nodes of a kwok cluster have no clocks of their own: kwok writes their Leases");
    }
    return;
  }
  const all = new Map((await cluster.list(leases, objects.Lease)).map((lease) => [lease.metadata.name, lease]));
  const before = findings.list.length;
  for (const { name } of real) {
    const lease = all.get(name);
    const range = lease && skewIn(lease);
    if (range === undefined) {
      findings.unknown(
        `the clock of node ${name} is unknown: ${lease ? "its Lease does not say when it was renewed" : "it has no Lease"}`,
        `Look at the Lease that its kubelet renews: ${kubectl(cluster, "get", "lease", "-n", "kube-node-lease", name, "--output", "yaml", "--show-managed-fields")}`,
      );
    } else if (distance(range) > far) {
      const message = `the clock of node ${name} is ${describe(range)} its API server's`;
      if (distance(range) > tooFar) {
        findings.failed(message, `Certificates issued by istiod are valid by its node's clock only. ${syncAdvice}`);
      } else {
        findings.warning(message, syncAdvice);
      }
    }
  }
  if (findings.list.length === before) {
    findings.passed(
      `${real.length === 1 ? "the clock of its node agrees" : `the clocks of its ${String(real.length)} nodes agree`} with the API server's`,
    );
  }
}

/** How far the node is ahead of its API server. */
function skewIn({ metadata, spec }: objects.Lease): Range | undefined {
  const renewed = Date.parse(spec.renewTime ?? "");
  const times = metadata.managedFields.flatMap(({ manager, time }) => {
    const at = Date.parse(time ?? "");
    return Number.isNaN(at) ? [] : [{ manager, at }];
  });
  // Where the kubelet is part of a larger program (k3s), it goes by that program's name.
  const kubelets = times.filter(({ manager }) => manager === "kubelet");
  const at = Math.max(...(kubelets.length > 0 ? kubelets : times).map((one) => one.at));
  return Number.isNaN(renewed) || times.length === 0
    ? undefined
    : { least: renewed - at - 999, most: renewed - at + underWay };
}
