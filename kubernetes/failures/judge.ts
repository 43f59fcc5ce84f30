import { excerpt } from "../error-messages";
import type { Cause } from "./cause";
import { type Belongs, type Kind, type Observed, type Pod, warningsOf, type Workload } from "./objects";
import { podTrouble, type PodTrouble, ready } from "./pods";
import { refusalCause } from "./refusals";

/** Why a workload does not come up. */
export interface Finding extends Cause {
  /** Such as `DaemonSet ztunnel`. */
  readonly workload: string;
  /** How many of its pods it is about, and how many there should be; absent where it is about the workload itself. */
  readonly pods?: { readonly affected: number; readonly wanted: number };
  /** The last lines of one of its containers. */
  readonly log?: { readonly pod: string; readonly container: string; readonly text: string };
}

/** A container whose log may say why. */
export interface LogWanted {
  readonly pod: string;
  readonly container: string;
  /** Of the container that ended before the one that runs or waits now. */
  readonly previous: boolean;
}

/** A workload, and the pods that it has. */
interface Owner {
  readonly kind: Kind | "Pod";
  readonly metadata: Pod["metadata"];
  /** UIDs of it and of what stands between it and its pods. */
  readonly uids: ReadonlySet<string>;
  readonly wanted: number;
  readonly pods: readonly Pod[];
  readonly workload: Workload | undefined;
}

/** Why the workloads of a release, or of whatever else belongs together, do not come up. */
export function judge(observed: Observed, belongs: Belongs): Finding[] {
  return [
    ...ownersIn(observed, belongs).flatMap((owner) => [
      ...podFindings(owner, observed),
      ...ownFindings(owner, observed),
    ]),
    ...claimFindings(observed, belongs),
    ...balancerFindings(observed, belongs),
  ];
}

/** The containers whose logs belong to the findings, one for each workload. */
export function logsWanted(observed: Observed, belongs: Belongs): LogWanted[] {
  return ownersIn(observed, belongs).flatMap((owner) => {
    for (const pod of owner.pods) {
      const { container } = podTrouble(pod, owner.kind, observed) ?? {};
      if (container !== undefined) {
        const previous = container.restartCount > 0 && !container.state?.terminated;
        return [{ pod: pod.metadata.name, container: container.name, previous }];
      }
    }
    return [];
  });
}

/** Those that have pods, with the pods that are not ready. */
function ownersIn(observed: Observed, belongs: Belongs): Owner[] {
  const { workloads, pods } = observed;
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === "");
  const owned = (uids: ReadonlySet<string>) =>
    living.filter(({ metadata }) => metadata.ownerReferences.some(({ uid }) => uids.has(uid)));
  const of = (kind: Kind, wanted: (workload: Workload) => number): Owner[] =>
    (workloads[kind] ?? [])
      .filter(({ metadata }) => belongs(metadata))
      .map((workload) => {
        const { metadata } = workload;
        const between = (workloads.ReplicaSet ?? []).filter(({ metadata: { ownerReferences } }) =>
          ownerReferences.some(({ uid }) => uid === metadata.uid),
        );
        const uids = new Set([metadata.uid, ...between.map((set) => set.metadata.uid)]);
        return { kind, metadata, uids, wanted: wanted(workload), pods: owned(uids), workload };
      });
  const alone = living
    .filter(({ metadata }) => metadata.ownerReferences.length === 0 && belongs(metadata))
    .map((pod): Owner => {
      const { metadata } = pod;
      return { kind: "Pod", metadata, uids: new Set([metadata.uid]), wanted: 1, pods: [pod], workload: undefined };
    });
  return [
    ...of("Deployment", ({ spec }) => spec.replicas ?? 1),
    ...of("StatefulSet", ({ spec }) => spec.replicas ?? 1),
    ...of("DaemonSet", ({ status }) => status?.desiredNumberScheduled ?? 0),
    ...of("Job", ({ spec, status }) => Math.max(0, (spec.completions ?? 1) - (status?.succeeded ?? 0))),
    ...alone,
  ];
}

/** Why pods of a workload do not come up, each reason once. */
function podFindings({ kind, metadata, wanted, pods }: Owner, observed: Observed): Finding[] {
  const byReason = new Map<string, { trouble: PodTrouble; pods: Pod[] }>();
  for (const pod of pods.filter((each) => !ready(each))) {
    const trouble = podTrouble(pod, kind, observed);
    if (trouble !== undefined) {
      // Numbers of restarts differ, and are the same reason.
      const key = trouble.reason.replace(/\d+/g, "");
      const entry = byReason.get(key) ?? { trouble, pods: [] };
      byReason.set(key, { ...entry, pods: [...entry.pods, pod] });
    }
  }
  return [...byReason.values()].map(({ trouble: { reason, remedy }, pods: affected }) => {
    const logs = affected.flatMap((pod) => {
      const { container } = podTrouble(pod, kind, observed) ?? {};
      const text = container && observed.logs.get(`${pod.metadata.name}/${container.name}`);
      return container && text ? [{ pod: pod.metadata.name, container: container.name, text }] : [];
    });
    return {
      workload: `${kind} ${metadata.name}`,
      pods: { affected: affected.length, wanted: Math.max(wanted, pods.length) },
      reason,
      remedy,
      ...(logs[0] && { log: logs[0] }),
    };
  });
}

/** Why a workload has fewer pods than it wants. */
function ownFindings({ kind, metadata, uids, wanted, pods, workload }: Owner, observed: Observed): Finding[] {
  const { namespace } = observed;
  const subject = { workload: `${kind} ${metadata.name}` };
  const conditions = workload?.status?.conditions ?? [];
  const failedJob = conditions.find(({ type, status }) => kind === "Job" && type === "Failed" && status === "True");
  if (failedJob !== undefined && pods.every(ready)) {
    return [
      {
        ...subject,
        reason: `it failed (${failedJob.reason}): ${excerpt(failedJob.message)}`,
        remedy: `See kubectl describe job -n ${namespace} ${metadata.name}, and run pulumi up again.`,
      },
    ];
  }
  if (pods.length >= wanted) {
    return [];
  }
  const refused = [...uids]
    .flatMap((uid) => warningsOf(observed, uid))
    .find(({ reason }) => /^Failed(?:Create|DaemonPod|Placement)/.test(reason));
  const condition = conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True");
  const words = refused?.message ?? condition?.message;
  if (words !== undefined) {
    const cause = refusalCause(words, { namespace }) ?? {
      reason: excerpt(words),
      remedy: `See kubectl describe ${kind.toLowerCase()} -n ${namespace} ${metadata.name}.`,
    };
    const reason = `its pods can't be made: ${cause.reason}`;
    return [{ ...subject, ...cause, reason, pods: { affected: wanted - pods.length, wanted } }];
  }
  if (workload?.status && workload.status.observedGeneration < metadata.generation && pods.length === 0) {
    return [
      {
        ...subject,
        reason: "no controller has looked at it",
        remedy: "See why the cluster's kube-controller-manager does not run (kubectl get pods -n kube-system).",
      },
    ];
  }
  return [];
}

/** Claims that have no volume, which Helm waits for. */
function claimFindings(observed: Observed, belongs: Belongs): Finding[] {
  return (observed.workloads.PersistentVolumeClaim ?? [])
    .filter(({ metadata, status }) => belongs(metadata) && status?.phase === "Pending")
    .flatMap(({ metadata }) => {
      const event = observed.events.find(
        ({ involvedObject, reason }) =>
          involvedObject.uid === metadata.uid && /^(?:ProvisioningFailed|FailedBinding)$/.test(reason),
      );
      return event === undefined
        ? []
        : [
            {
              workload: `PersistentVolumeClaim ${metadata.name}`,
              reason: `it gets no volume: ${excerpt(event.message)}`,
              remedy: "Name a storage class that exists in the chart's values: kubectl get storageclass",
            },
          ];
    });
}

/** Services without the address that Helm or a Gateway waits for. */
function balancerFindings(observed: Observed, belongs: Belongs): Finding[] {
  return (observed.workloads.Service ?? [])
    .filter(({ metadata, spec }) => belongs(metadata) && spec.type === "LoadBalancer")
    .flatMap((service): Finding[] => {
      const { metadata, spec, status } = service;
      const workload = `Service ${metadata.name}`;
      const [event] = warningsOf(observed, metadata.uid);
      const said = event === undefined ? "" : `: ${excerpt(event.message)}`;
      const given = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname);
      if (given.length === 0) {
        return [{ workload, reason: `no load balancer gives it an address${said}`, remedy: balancerRemedy(spec) }];
      }
      const { loadBalancerIP: wanted } = spec;
      return wanted === "" || given.includes(wanted)
        ? []
        : [
            {
              workload,
              reason: `its load balancer has the address ${given.map((one) => excerpt(one)).join(", ")} instead of ${excerpt(wanted)}${said}`,
              remedy:
                "See that the load balancer takes a fixed address, and that this one is free, or remove eastWestGateway.loadBalancerIP " +
                "(docs/east-west-gateway.md#by-cloud).",
            },
          ];
    });
}

function balancerRemedy({ loadBalancerClass, loadBalancerIP }: Workload["spec"]): string {
  if (loadBalancerClass !== "") {
    return (
      `See that something in the cluster serves load balancers of class ${excerpt(loadBalancerClass)}, or correct ` +
      "eastWestGateway.loadBalancerClass (docs/east-west-gateway.md)."
    );
  }
  if (loadBalancerIP !== "") {
    return (
      `See that the cluster's load balancers can have the address ${excerpt(loadBalancerIP)}, or correct eastWestGateway.loadBalancerIP ` +
      "(docs/east-west-gateway.md#by-cloud)."
    );
  }
  return (
    "Have something in the cluster give addresses (docs/settings.md#loadbalancer), or set nodePort for the cluster, so that nodes' " +
    "own addresses do."
  );
}
