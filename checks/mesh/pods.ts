import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, objects } from "../inventory";
import { describe, install, kubectl, putBackBy } from "../remedies";
import { eastWestGateways } from "./gateways";
import { nodeAgents, podsOf, ztunnels } from "./workloads";

/** The parts of a mesh in one cluster. A part without pods is as bad as one with a broken pod. */
export const pods: Check = {
  id: "pods",
  title: "istiod, the CNI, ztunnel and the east-west gateway have pods, and all are Ready",
  causes: { inCluster: ["gateway-api", "istiod-environment", "license"] },
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const hollow = await cluster.isHollow();
      const [istiods, agents, tunnels, gateways] = await Promise.all([
        cluster.istiods(),
        nodeAgents(cluster),
        ztunnels(cluster),
        eastWestGateways(cluster),
      ]);
      const checkWorkloads = workloadCheck(cluster, findings, hollow);
      await checkWorkloads("istiod", "Deployment", istiods);
      await checkWorkloads("the CNI node agent", "DaemonSet", agents);
      await checkWorkloads("ztunnel", "DaemonSet", tunnels);
      for (const { path, metadata } of gateways) {
        // Istio's controller gives the Deployment of a Gateway its name.
        const all = await cluster.list("/apis/apps/v1/deployments", objects.Deployment);
        const own = all.filter(
          (one) =>
            one.metadata.namespace === metadata.namespace &&
            one.spec.template.metadata.labels["gateway.networking.k8s.io/gateway-name"] === metadata.name,
        );
        if (own.length === 0 && hollow) {
          findings.notObservable(`no istiod runs in a kwok cluster to deploy Gateway ${path}`);
        } else {
          await checkWorkloads(`east-west Gateway ${path}`, "Deployment", own);
        }
      }
    }),
};

type CheckWorkloads = (
  what: string,
  kind: "Deployment" | "DaemonSet",
  workloads: readonly objects.Deployment[],
) => Promise<void>;

function workloadCheck(cluster: Cluster, findings: FindingCollector, hollow: boolean): CheckWorkloads {
  return async (what, kind, workloads) => {
    if (workloads.length === 0) {
      findings.failed(`${what}: there is no ${kind}`, install);
    }
    for (const workload of workloads) {
      const { path, metadata, status, spec } = workload;
      const all = await podsOf(cluster, workload);
      const desired = kind === "DaemonSet" ? status.desiredNumberScheduled : Math.max(spec.replicas ?? 1, 1);
      const ready = all.filter((pod) => pod.ready);
      const events = `Find out why: ${describe(cluster, kind, workload)}`;
      if (all.length === 0) {
        findings.failed(
          `${what}: ${kind} ${path} has no pods${spec.replicas === 0 ? ", since it is scaled to 0" : ""}`,
          spec.replicas === 0
            ? putBackBy(
                kubectl(cluster, "scale", "deployment", "-n", metadata.namespace, metadata.name, "--replicas=1"),
              )
            : events,
        );
        continue;
      }
      for (const pod of all.filter((one) => !one.ready)) {
        findings.failed(
          `${what}: pod ${pod.path} is not Ready${reasonOf(pod)}`,
          `Find out why: ${describe(cluster, "pod", pod)}; ${kubectl(cluster, "logs", "-n", pod.metadata.namespace, pod.metadata.name)}`,
        );
      }
      if (all.length < desired) {
        findings.failed(`${what}: ${kind} ${path} has ${String(all.length)} of ${String(desired)} pods`, events);
      }
      if (ready.length === all.length && all.length >= desired) {
        if (hollow) {
          findings.notObservable(`${what}: pods of a kwok cluster are only marked Ready`);
        } else {
          findings.passed(`${what}: ${String(ready.length)} Ready`);
        }
      }
    }
  };
}

function reasonOf({ status }: objects.Pod): string {
  const waiting = status.containerStatuses.flatMap(({ name, state }) =>
    state?.waiting?.reason ? [`${name}: ${state.waiting.reason}`] : [],
  );
  return waiting.length > 0 ? ` (${waiting.join(", ")})` : ` (${status.phase})`;
}
