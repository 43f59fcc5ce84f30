import { excerpt } from "../error-messages";
import { type Cause, causeIn, type Place, type Wordings } from "./cause";
import { containerCause } from "./containers";
import { type ContainerStatus, type Observed, type Pod, warningsOf } from "./objects";
import { schedulingCause } from "./scheduling";

/** Why a pod does not come up, and whose log may say more. */
export interface PodTrouble extends Cause {
  readonly container?: ContainerStatus;
}

/** What keeps a pod's volumes away, in the words of the kubelet. */
const mounting: Wordings = [
  [
    /configmap "istio-ca-root-cert" not found/,
    () => ({
      reason: "istiod has not published its roots yet (ConfigMap istio-ca-root-cert)",
      remedy: "See why istiod does not: kubectl logs -n istio-system deployment/istiod",
    }),
  ],
  [
    /(secret|configmap) "([^"]+)" not found/i,
    ([, kind = "", name = ""], { namespace }) => ({
      reason: `${kind} ${name}, which it mounts, does not exist`,
      remedy: `Create it in namespace ${namespace}, and run pulumi up again.`,
    }),
  ],
  [
    /references non-existent (secret|config) key: (\S+)/i,
    ([, kind = "", key = ""]) => ({
      reason: `the ${kind === "config" ? "ConfigMap" : "Secret"} that it mounts has no key ${key}`,
      remedy: "Add that key (kubectl describe pod names the object), and run pulumi up again.",
    }),
  ],
  [
    /hostPath type check failed: (\S+)/,
    ([, path = ""]) => ({
      reason: `the node has no ${path}`,
      remedy: "Set platform for the cluster: its charts know where such paths are there.",
    }),
  ],
  [
    /Multi-Attach error/,
    () => ({
      reason: "its volume is attached to another node",
      remedy: "Wait until the pod that has it is gone: kubectl get volumeattachments",
    }),
  ],
];

/** What keeps a pod from getting a network. */
const sandboxes: Wordings = [
  [
    /failed to find plugin "([^"]+)"/,
    ([, plugin = ""]) => ({
      reason: `the node's CNI configuration names plugin ${plugin}, which is not on the node`,
      remedy:
        "If it was left by a CNI or an Istio that is gone, take it out of /etc/cni/net.d on the node; else set platform for the cluster, " +
        "whose charts know where plugins belong.",
    }),
  ],
  [
    /failed to assign an IP|no (?:free )?(?:IP addresses|addresses) available|IPAM|range.* full/i,
    () => ({
      reason: "no pod addresses are left on the node",
      remedy: "Give the node or the cluster more pod addresses, or add nodes.",
    }),
  ],
  [
    /cni (?:config|plugin) (?:uninitialized|not initialized)|network plugin is not ready|NetworkPluginNotReady/i,
    () => ({
      reason: "the node has no CNI plugin that is ready",
      remedy: "See why the pods of the cluster's CNI do not run: kubectl get pods -n kube-system -o wide",
    }),
  ],
  [
    /plugin type="([^"]+)"[^\n]*?failed[^:]*:?\s*([^\n]*)/,
    ([, plugin = "", why = ""]) => ({
      reason: `CNI plugin ${plugin} gives it no network: ${why}`,
      remedy: "See the log of that plugin's pod on the node (kubectl get pods -A -o wide).",
    }),
  ],
];

/** Causes by the reason of an event. */
const byEvent: readonly (readonly [reason: RegExp, wordings: Wordings, what: string])[] = [
  [/^(?:FailedMount|FailedAttachVolume|FailedMapVolume)$/, mounting, "a volume can't be mounted"],
  [/^(?:FailedCreatePodSandBox|NetworkNotReady|FailedPodSandBoxStatus)$/, sandboxes, "it gets no network"],
];

export function ready(pod: Pod): boolean {
  const { phase, conditions } = pod.status;
  return phase === "Succeeded" || conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

/**
 * Why a pod does not come up; undefined where nothing says so yet.
 *
 * @param kind The kind of the workload that it is of.
 */
export function podTrouble(pod: Pod, kind: string, observed: Observed): PodTrouble | undefined {
  const { namespace } = observed;
  const { phase, reason, message, conditions } = pod.status;
  const warnings = warningsOf(observed, pod.metadata.uid);
  const scheduled = conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  const unscheduled = scheduled?.message || warnings.find((event) => event.reason === "FailedScheduling")?.message;
  if (pod.spec.nodeName === "" && unscheduled) {
    return schedulingCause(unscheduled, kind === "DaemonSet");
  }
  if (phase === "Failed" && reason !== "") {
    return {
      reason: `node ${pod.spec.nodeName} turned it away (${reason}): ${excerpt(message)}`,
      remedy: "Free what the node is short of (kubectl describe node), and run pulumi up again.",
    };
  }
  const container = troubledContainer(pod, kind, observed, { namespace });
  if (container !== undefined) {
    return container;
  }
  for (const [reasons, wordings, what] of byEvent) {
    const event = warnings.find((warning) => reasons.test(warning.reason));
    // Such events pass by themselves once containers have started.
    if (event !== undefined && phase === "Pending") {
      return (
        causeIn(event.message, wordings, { namespace }) ?? {
          reason: `${what}: ${excerpt(event.message)}`,
          remedy: `See kubectl describe pod -n ${namespace} ${pod.metadata.name}.`,
        }
      );
    }
  }
  if (warnings[0]?.reason === "NodeNotReady" || reason === "NodeLost") {
    return {
      reason: `node ${pod.spec.nodeName} is not ready`,
      remedy: `See why (kubectl describe node ${pod.spec.nodeName}), or take the node out of the cluster.`,
    };
  }
  return undefined;
}

function troubledContainer(pod: Pod, kind: string, observed: Observed, place: Place): PodTrouble | undefined {
  const { spec, status, metadata } = pod;
  const warnings = warningsOf(observed, metadata.uid);
  const specs = [...spec.initContainers, ...spec.containers];
  const init = new Set(status.initContainerStatuses.map(({ name }) => name));
  for (const container of [...status.initContainerStatuses, ...status.containerStatuses]) {
    const { image = "", resources } = specs.find(({ name }) => name === container.name) ?? {};
    const cause = containerCause(
      container,
      {
        image: image || container.image,
        memoryLimit: resources?.limits["memory"],
        warnings: warnings.filter(
          ({ involvedObject: { fieldPath } }) => fieldPath === "" || fieldPath.includes(`{${container.name}}`),
        ),
        log: observed.logs.get(`${metadata.name}/${container.name}`) ?? "",
        ends: kind === "Job" || init.has(container.name),
      },
      place,
    );
    if (cause !== undefined) {
      // An image that can't be pulled has no log.
      return container.state?.waiting && container.restartCount === 0 ? cause : { ...cause, container };
    }
  }
  return undefined;
}
