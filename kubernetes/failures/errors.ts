import { excerpt } from "../error-messages";
import { type Cause, causeIn, type Place, type Wordings } from "./cause";
import { refusalCause } from "./refusals";

/** What Helm says when it fails by itself. */
const helm: Wordings = [
  [
    /another operation \(install\/upgrade\/rollback\) is in progress/,
    (_, { namespace }) => ({
      reason: "somebody else installs or upgrades this release at this moment",
      remedy: `Wait until it is done (helm list --deployed --failed --pending -n ${namespace}), and run pulumi up again, which clears what a killed attempt left.`,
    }),
  ],
  [
    /cannot re-?use a name that is still in use/,
    (_, { namespace }) => ({
      reason: `namespace ${namespace} has a Helm release of this name, which is not the stack's`,
      remedy: `Uninstall it if nobody needs it (helm list --deployed --failed --pending -n ${namespace}), and run pulumi up again.`,
    }),
  ],
  [
    /(\w+) "([^"]+)" in namespace "([^"]*)" exists and cannot be imported into the current release:[^\n]*?annotation validation error: key "meta\.helm\.sh\/release-name" must equal "[^"]*": current value is "([^"]+)"/,
    ([, kind = "", name = "", , other = ""]) => ({
      reason: `${kind} ${name} belongs to Helm release ${other}`,
      remedy: `Uninstall release ${other} if nobody needs it (helm list -A); else this cluster cannot have both.`,
    }),
  ],
  [
    /(\w+) "([^"]+)" in namespace "([^"]*)" exists and cannot be imported into the current release/,
    ([, kind = "", name = "", namespace = ""]) => ({
      reason: `${kind} ${name} exists already, and no Helm release has it`,
      remedy:
        "If nobody uses it, delete it and run pulumi up again: " +
        `kubectl delete ${kind.toLowerCase()} ${name}${namespace === "" ? "" : ` -n ${namespace}`}`,
    }),
  ],
  [
    /cannot patch "([^"]+)" with kind (\w+):[^\n]*field is immutable/,
    ([, name = "", kind = ""], { namespace }) => ({
      reason: `${kind} ${name} has a field that cannot be changed any more`,
      remedy: `Delete it, which interrupts it, and run pulumi up again: kubectl delete ${kind.toLowerCase()} ${name} -n ${namespace}`,
    }),
  ],
  [
    /failed (pre|post)-(install|upgrade|rollback)[^\n]*?:\s*([^\n]*)/,
    ([, when = "", what = "", why = ""], { namespace }) => ({
      reason: `a job of the chart that runs ${when === "pre" ? "before" : "after"} the ${what} failed: ${why}`,
      remedy: `See its pods and events: kubectl get jobs,pods,events -n ${namespace}`,
    }),
  ],
  [
    /values don't meet the specifications of the schema[^\n]*:?\s*([\s\S]*)/,
    ([, why = ""]) => ({
      reason: `the chart does not take these values: ${why}`,
      remedy: "Set the istioVersion that the charts are of, if charts names a registry or folder of your own.",
    }),
  ],
  [
    /execution error at \(([^)]+)\):\s*([^\n]*)|(?:template|parse error)[: (]+([^\s:]+):\d+[^\n]*|YAML parse error on ([^:\s]+)[^\n]*/,
    ([said = "", place = "", why = "", template = "", file = ""]) => ({
      reason: `the chart can't be rendered (${place || template || file}): ${why || said}`,
      remedy: "See that charts and istioVersion belong together; helm template with the same chart shows the same.",
    }),
  ],
];

/** Waiting that came to its end, or a job that failed, says nothing about why. */
const waited =
  /timed out waiting for the condition|context deadline exceeded|resource (?:\S+ )?not ready|would exceed context deadline|(?:job|pod) \S+ failed/i;

/** What Pulumi's provider found when it started; it asks no second time. */
const unreachable = /cluster is unreachable|with unreachable cluster|Kubernetes cluster unreachable/;

/**
 * Why an operation failed, by the provider's own words.
 *
 * @returns Undefined where they do not say: after waiting in vain, or in words that are not known.
 */
export function errorCause(words: string, place: Place): Cause | undefined {
  const known = causeIn(words, helm, place) ?? refusalCause(words, place);
  if (known !== undefined) {
    return known;
  }
  if (unreachable.test(words)) {
    return {
      reason: `its API server does not answer: ${excerpt(words.replace(/^[\s\S]*unreachable:?\s*/, "")) || "no reason given"}`,
      remedy: "See that the cluster runs and that this machine reaches it, and run pulumi up again.",
    };
  }
  return undefined;
}

/** Whether waiting for something to become ready, or to be done, came to its end. */
export function waitedInVain(words: string): boolean {
  return waited.test(words);
}
