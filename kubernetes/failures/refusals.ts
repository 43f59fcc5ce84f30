import { type Cause, causeIn, type Place, type Wordings } from "./cause";

/** Why a webhook's service gives no answer, and what helps. */
const silentWebhooks: Wordings = [
  [
    /service "([^"]+)" not found/,
    ([, service]) => ({
      reason: `its Service ${service ?? ""} does not exist`,
      remedy:
        "If what it belonged to was uninstalled, delete its configuration (kubectl get validatingwebhookconfigurations," +
        "mutatingwebhookconfigurations shows them), or install it again.",
    }),
  ],
  [
    /no endpoints available for service "?([^"\s]+)"?|connection refused/,
    () => ({
      reason: "none of its pods is ready",
      remedy: "See why its pods are not ready, or delete its configuration if nobody needs it any more.",
    }),
  ],
  [
    /x509|certificate/,
    () => ({
      reason: "the API server does not accept its certificate",
      remedy: "Have its operator renew the certificate and the caBundle of its configuration.",
    }),
  ],
  [
    /deadline exceeded|timeout|timed out|no route to host/,
    () => ({
      reason: "the API server does not reach it",
      remedy:
        "Open the way from the control plane to the nodes at that port (private clusters have a firewall between them; istiod's webhooks " +
        "are at 15017), and see that its pods are ready.",
    }),
  ],
];

/** What an API server, its admission plugins and Helm say when they refuse an object: in errors and in events. */
const wordings: Wordings = [
  [
    /insufficient quota to match these scopes/,
    (_, { namespace }) => ({
      reason: `no quota of namespace ${namespace} admits pods of the critical priority classes, which GKE asks for`,
      remedy: `Apply the ResourceQuota of docs/troubleshooting.md#gke-and-critical-pods to namespace ${namespace}.`,
    }),
  ],
  [
    /exceeded quota: ([^,]+), requested: (.+?), used: (.+?), limited: ([^\s;]+(?:,\s?[\w./-]+=[^\s,;]+)*)/,
    ([, quota = "", requested = "", used = "", limited = ""], { namespace }) => ({
      reason: `quota ${quota} is used up: it needs ${requested}, ${used} of ${limited} is in use`,
      remedy: `Raise that quota, or free some of it: kubectl describe quota ${quota} -n ${namespace}`,
    }),
  ],
  [
    /failed quota: ([^:]+): must specify ([^\n]+)/,
    ([, quota = "", missing = ""], { namespace }) => ({
      reason: `quota ${quota} admits only containers with ${missing}`,
      remedy:
        `Give namespace ${namespace} a LimitRange with defaults for them, or exempt it from the quota: ` +
        `kubectl describe quota ${quota} -n ${namespace}`,
    }),
  ],
  [
    /violates PodSecurity "([^"]+)": ([^\n]+)/,
    ([, level = "", violations = ""], { namespace }) => ({
      reason: `PodSecurity ${level} of namespace ${namespace} forbids it: ${violations}`,
      remedy: `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`,
    }),
  ],
  [
    /unable to validate against any security context constraint/,
    (_, { namespace }) => ({
      reason: "OpenShift's security context constraints forbid it",
      remedy:
        "Set platform: openshift for the cluster, whose charts bring what they need. If it is set, " +
        `oc adm policy add-scc-to-group privileged system:serviceaccounts:${namespace}`,
    }),
  ],
  [
    /ValidatingAdmissionPolicy '([^']+)' with binding '([^']+)' denied request:?\s*([^\n]*)/,
    ([, policy = "", binding = "", why = ""], { namespace }) => ({
      reason: `admission policy ${policy} (binding ${binding}) denies it: ${why}`,
      remedy: `Ask its owner to exempt namespace ${namespace}: kubectl get validatingadmissionpolicybinding ${binding} -o yaml`,
    }),
  ],
  [
    /admission webhook "([^"]+)" denied the request:?\s*([^\n]*)/,
    ([, webhook = "", why = ""], { namespace }) => ({
      reason: `admission webhook ${webhook} denies it: ${why || "it gives no reason"}`,
      remedy: `Ask the owner of that policy to exempt namespace ${namespace}, and run pulumi up again.`,
    }),
  ],
  [
    /failed calling webhook "([^"]+)":\s*([^\n]*)/,
    ([, webhook = "", why = ""], place) => {
      const known = causeIn(why, silentWebhooks, place);
      return {
        reason: `admission webhook ${webhook} does not answer: ${known?.reason ?? why}`,
        remedy: known?.remedy ?? "See why that webhook fails, or delete its configuration if nobody needs it any more.",
      };
    },
  ],
  [
    /conversion webhook for ([^\s,]+), Kind=(\w+) failed:\s*([^\n]*)/,
    ([, group = "", kind = "", why = ""], place) => {
      const known = causeIn(why, silentWebhooks, place);
      return {
        reason: `the conversion webhook of ${kind} (${group}) does not answer: ${known?.reason ?? why}`,
        remedy: "See why the pods of that webhook are not ready, and run pulumi up again.",
      };
    },
  ],
  [
    /((?:maximum|minimum) \S+ usage per \w+ is [^,]+, but (?:no )?(?:limit|request)(?: is \S+|[^.\n]*)|max limit to request ratio per \w+ is [^\n]*)/,
    ([, why = ""], { namespace }) => ({
      reason: `a LimitRange of namespace ${namespace} forbids it: ${why}`,
      remedy: `Change the LimitRange, or the resources in the chart's values: kubectl describe limitrange -n ${namespace}`,
    }),
  ],
  [
    /no PriorityClass with name (\S+) was found/,
    ([, name = ""]) => ({
      reason: `PriorityClass ${name} does not exist`,
      remedy: `Create it (kubectl get priorityclass shows what there is), or name another one in the chart's values.`,
    }),
  ],
  [
    /error looking up service account ([^/\s]+)\/([^:\s]+)/,
    ([, namespace = "", name = ""]) => ({
      reason: `service account ${namespace}/${name} does not exist`,
      remedy: "Somebody has deleted it: run pulumi up again, which has Helm make it.",
    }),
  ],
  [
    /in namespace (\S+) because it is being terminated/,
    ([, namespace = ""]) => ({
      reason: `namespace ${namespace} is being deleted`,
      remedy: `Wait until it is gone, and run pulumi up again; kubectl get namespace ${namespace} -o yaml shows what holds it up.`,
    }),
  ],
  [
    /namespaces "([^"]+)" not found/,
    ([, namespace = ""]) => ({
      reason: `namespace ${namespace} does not exist any more`,
      remedy: "Run pulumi refresh and then pulumi up, which makes it again.",
    }),
  ],
  [
    /attempting to grant RBAC permissions not currently held/,
    () => ({
      reason: "the kubeconfig's user would grant rights that it does not have itself, which Kubernetes forbids",
      remedy: "Use the kubeconfig of a cluster administrator, or grant its user the verbs escalate and bind on roles.",
    }),
  ],
  [
    /User "([^"]+)" cannot (\S+) resource "([^"]+)"(?: in API group "([^"]*)")?(?: in the namespace "([^"]+)")?/,
    ([, user = "", verb = "", resource = "", group = "", namespace = ""]) => {
      const what = group === "" ? resource : `${resource}.${group}`;
      const where = namespace === "" ? "" : ` in namespace ${namespace}`;
      const flag = namespace === "" ? "" : ` -n ${namespace}`;
      return {
        reason: `user ${user} may not ${verb} ${what}${where}`,
        remedy: `Grant that right, or use the kubeconfig of a cluster administrator: kubectl auth can-i ${verb} ${what}${flag}`,
      };
    },
  ],
  [
    /no matches for kind "([^"]+)" in version "([^"]+)"/,
    ([, kind = "", version = ""]) => ({
      reason: `the cluster has no definition of ${kind} in ${version}`,
      remedy: "Install or upgrade what brings that definition (CRD), and run pulumi up again: kubectl get crd",
    }),
  ],
  [
    /Unauthorized|You must be logged in|provide credentials/,
    () => ({
      reason: "the API server does not accept the kubeconfig's credentials (any more)",
      remedy: "Renew them, and run pulumi up again.",
    }),
  ],
  [
    /database space exceeded/,
    () => ({
      reason: "the cluster's etcd is full",
      remedy: "Compact and defragment etcd, clear its alarm (etcdctl alarm disarm), and run pulumi up again.",
    }),
  ],
];

/** Why an API server refuses an object, by its own words; undefined where they are not known. */
export function refusalCause(words: string, place: Place): Cause | undefined {
  return causeIn(words, wordings, place);
}
