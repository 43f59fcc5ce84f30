import { excerpt } from "../error-messages";
import { type Cause, causeIn, type Place, type Wordings } from "./cause";
import { imageCause } from "./images";
import type { ContainerStatus, Event } from "./objects";

const imageReasons = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "RegistryUnavailable",
  "ImageInspectError",
  "SignatureValidationFailed",
]);

const otherProcessor: Wordings[number] = [
  /exec format error/,
  () => ({
    reason: "its image is for another processor than the node's",
    remedy: "Take images that are built for it.",
  }),
];

const fullDisk: Wordings[number] = [
  /no space left on device/i,
  () => ({ reason: "the node's disk is full", remedy: "Make room on the node, or give it a bigger disk." }),
];

/** What keeps a container from being made, in the words of the kubelet and the runtime. */
const making: Wordings = [
  [
    /(secret|configmap) "([^"]+)" not found/i,
    ([, kind = "", name = ""], { namespace }) => ({
      reason: `${kind} ${name} does not exist`,
      remedy: `Create it in namespace ${namespace} with the keys that the pod wants (kubectl describe pod), and run pulumi up again.`,
    }),
  ],
  [
    /couldn't find key (\S+) in (secret|configmap) (?:[^/\s]+\/)?(\S+)/i,
    ([, key = "", kind = "", name = ""], { namespace }) => ({
      reason: `${kind} ${namespace}/${name} has no key ${key}`,
      remedy: `Add that key (kubectl edit ${kind.toLowerCase()} ${name} -n ${namespace}), and run pulumi up again.`,
    }),
  ],
  [
    /runAsNonRoot|run as root/,
    () => ({
      reason: "its image would run as root, which its security context forbids",
      remedy: "Take the image that belongs to the chart (settings images, istioVersion).",
    }),
  ],
  otherProcessor,
  [
    /executable file not found|no such file or directory/,
    ([said = ""]) => ({
      reason: `its image lacks what is to be started (${said})`,
      remedy: "Take the image that belongs to the chart (settings images, istioVersion).",
    }),
  ],
  fullDisk,
];

/** What a runtime calls it that a container could not be started: its message is the runtime's own, not the program's. */
const notStarted: ReadonlySet<string> = new Set(["StartError", "ContainerCannotRun"]);

/** What programs say before they end. */
const lastWords: Wordings = [
  otherProcessor,
  [
    /too many open files|inotify/i,
    () => ({
      reason: "the node has no inotify instances or open files left",
      remedy:
        "Raise fs.inotify.max_user_instances and max_user_watches on the nodes (see docs/kind.md#what-the-machine-needs).",
    }),
  ],
  [
    /licen[cs]e[^\n]*(?:expired|invalid|missing|required|not found|not valid)|(?:expired|invalid|missing|no valid)[^\n]*licen[cs]e/i,
    () => ({
      reason: "it does not accept its licence",
      remedy: "pulumi config set --secret flatmesh:license, or renew the Secret of licenseSecretRef; then pulumi up.",
    }),
  ],
  [
    /(?:can't|cannot|failed|error|unable)[^\n]*(?:ip6?tables|nf_tables|netfilter|xt_)|ip6?tables[^\n]*(?:can't|failed|exit status)/i,
    () => ({
      reason: "the node's kernel lacks what it needs of iptables",
      remedy: "Load the kernel modules that Istio needs on the nodes (ip_tables, iptable_nat, xt_REDIRECT and so on).",
    }),
  ],
  [
    /permission denied|operation not permitted/i,
    () => ({
      reason: "the node denies it something (SELinux, AppArmor, seccomp or a missing capability)",
      remedy: "See the node's audit log; platform in the settings has what Istio's charts know of yours.",
    }),
  ],
  fullDisk,
];

/** Why a container does not run, or is not ready; undefined where nothing is wrong with it. */
export function containerCause(
  status: ContainerStatus,
  about: {
    readonly image: string;
    readonly memoryLimit: string | undefined;
    readonly warnings: readonly Event[];
    readonly log: string;
    /** Whether it has to end, as init containers and those of Jobs do. */
    readonly ends: boolean;
  },
  place: Place,
): Cause | undefined {
  const { image, warnings, log, ends } = about;
  const { waiting, terminated } = status.state ?? {};
  const said = (pattern: RegExp) => warnings.find(({ message }) => pattern.test(message))?.message ?? "";
  if (waiting && imageReasons.has(waiting.reason)) {
    // "Back-off pulling image" says nothing; the event before it does.
    const detail = /Back-off pulling image[^:]*$/.test(waiting.message.replaceAll(image, "")) ? "" : waiting.message;
    return imageCause(image, detail || said(/Failed to pull image/) || waiting.message || waiting.reason, place);
  }
  if (waiting?.reason === "InvalidImageName") {
    return {
      reason: `${excerpt(image)} is not the address of an image`,
      remedy:
        "Correct images (a registry and a path, without https:// and without a tag) or istioVersion in the settings.",
    };
  }
  if (waiting && /^(?:CreateContainer|RunContainer|PreCreateHook|StartError|PostStartHook)/.test(waiting.reason)) {
    return (
      causeIn(waiting.message, making, place) ?? {
        reason: `container ${status.name} can't be made: ${excerpt(waiting.message || waiting.reason)}`,
        remedy: "See kubectl describe pod.",
      }
    );
  }
  const ended = failed(terminated) ?? (status.ready === true ? undefined : failed(status.lastState?.terminated));
  if (ended !== undefined) {
    const times = status.restartCount > 1 ? ` (${String(status.restartCount)} restarts)` : "";
    if (ended.reason === "OOMKilled") {
      const limit = about.memoryLimit === undefined ? "" : `, its limit is ${excerpt(about.memoryLimit)}`;
      return {
        reason: `container ${status.name} was killed, since it needs more memory than it may have${limit}${times}`,
        remedy: "Raise the memory limit in the chart's values, or the LimitRange that sets it.",
      };
    }
    const known = notStarted.has(ended.reason)
      ? causeIn(ended.message, making, place)
      : causeIn(`${ended.message}\n${log}`, lastWords, place);
    const how = ended.signal > 0 ? `by signal ${String(ended.signal)}` : `with exit code ${String(ended.exitCode)}`;
    const probe = said(/^(?:Liveness|Startup) probe failed|failed (?:liveness|startup) probe/);
    const why = known?.reason ?? (probe === "" ? "" : excerpt(probe));
    return {
      reason: `container ${status.name} ${ends ? "fails" : "crashes"} ${how}${times}${why && `: ${why}`}`,
      remedy: known?.remedy ?? "Its last lines say why; mend that and run pulumi up again.",
    };
  }
  const probe = said(/^(?:Readiness|Startup|Liveness) probe (?:failed|errored)/);
  if (status.state?.running && status.ready !== true && !ends) {
    return {
      reason: `container ${status.name} runs, but is not ready${probe && `: ${excerpt(probe)}`}`,
      remedy: "Its last lines say what it waits for.",
    };
  }
  return undefined;
}

function failed<Ended extends { readonly exitCode: number; readonly reason: string }>(
  ended: Ended | null | undefined,
): Ended | undefined {
  return ended && (ended.exitCode !== 0 || ended.reason === "OOMKilled") ? ended : undefined;
}
