import { type Belongs, judge, ofRelease } from "../../../../kubernetes";
import { Event, type Kind, type Observed, Pod, Workload } from "../../../../kubernetes/failures/objects";

/** Objects of namespace istio-system as an API server answers with them, shortened to what a kubelet or a controller writes. */
export interface Written {
  readonly workloads?: Partial<Record<Kind, readonly object[]>>;
  readonly pods?: readonly object[];
  readonly events?: readonly object[];
  readonly logs?: Readonly<Record<string, string>>;
}

export function observed({ workloads = {}, pods = [], events = [], logs = {} }: Written): Observed {
  const read = Object.entries(workloads).map(([kind, list]) => [kind, list.map((one) => Workload.parse(one))] as const);
  return {
    namespace: "istio-system",
    workloads: Object.fromEntries(read),
    pods: pods.map((one) => Pod.parse(one)),
    events: events.map((one) => Event.parse(one)),
    logs: new Map(Object.entries(logs)),
  };
}

/** What is found of release `ztunnel`. */
export function findings(written: Written, belongs: Belongs = ofRelease("ztunnel")) {
  return judge(observed(written), belongs);
}

const helm = {
  annotations: { "meta.helm.sh/release-name": "ztunnel", "meta.helm.sh/release-namespace": "istio-system" },
};

/** ztunnel's DaemonSet, which wants so many pods. */
export function daemonSet(desiredNumberScheduled: number) {
  return {
    metadata: { name: "ztunnel", namespace: "istio-system", uid: "ds", generation: 1, ...helm },
    spec: { selector: { matchLabels: { app: "ztunnel" } } },
    status: {
      observedGeneration: 1,
      desiredNumberScheduled,
      numberReady: 0,
      currentNumberScheduled: desiredNumberScheduled,
    },
  };
}

/** A Deployment with its ReplicaSet. */
export function deployment(status: object = {}, replicas = 1) {
  return {
    Deployment: [
      {
        metadata: { name: "istiod", namespace: "istio-system", uid: "dep", generation: 1, ...helm },
        spec: { replicas },
        status: { observedGeneration: 1, ...status },
      },
    ],
    ReplicaSet: [
      {
        metadata: {
          name: "istiod-6b7f",
          uid: "rs",
          ownerReferences: [
            { apiVersion: "apps/v1", kind: "Deployment", name: "istiod", uid: "dep", controller: true },
          ],
        },
        spec: { replicas },
        status: { observedGeneration: 1 },
      },
    ],
  };
}

/** A pod of the DaemonSet, or of the ReplicaSet, on a node. */
export function pod(name: string, status: object, { owner = "ds", ...changes }: Record<string, unknown> = {}) {
  const image = "docker.io/istio/ztunnel:1.31.0-distroless";
  return {
    metadata: {
      name,
      namespace: "istio-system",
      uid: `uid-${name}`,
      ownerReferences: [{ kind: owner === "ds" ? "DaemonSet" : "ReplicaSet", name: "ztunnel", uid: owner }],
    },
    spec: {
      nodeName: "node-1",
      containers: [{ name: "istio-proxy", image, resources: { limits: { memory: "128Mi" } } }],
      ...changes,
    },
    status: { phase: "Pending", conditions: [{ type: "Ready", status: "False" }], ...status },
  };
}

/** The status of a pod whose only container is in this state. */
export function container(state: object, more: object = {}) {
  return {
    phase: "Running",
    containerStatuses: [
      { name: "istio-proxy", image: "", ready: false, restartCount: 0, state, lastState: {}, ...more },
    ],
  };
}

/** A warning about a pod or another object. */
export function warning(uid: string, reason: string, message: string, fieldPath = "") {
  return {
    involvedObject: { kind: "Pod", name: uid, uid, fieldPath },
    type: "Warning",
    reason,
    message,
    count: 3,
    lastTimestamp: "2026-11-28T10:00:00Z",
    eventTime: null,
    metadata: { creationTimestamp: "2026-11-28T09:59:00Z" },
  };
}
