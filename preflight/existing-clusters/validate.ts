import type { ClusterSettings, Settings } from "../../settings";
import type { PreexistingObjects } from "../../components/clusters";
import { releaseNames, systemNamespace } from "../../components/mesh";
import { eastWest } from "../../components/peering";
import { resourceKey, type StackState } from "../../stacks";
import type { Inventory, ExistingNamespace, ObjectReference } from "./types";
import type { GatewayApiBundle } from "../gateway-api";
import type { Run } from "../unavailable";
import { validateDefinitions } from "./gateway-api";
import {
  ownsResource,
  ownsNamespace,
  type Labels,
  type DesiredObject,
  desiredNamespaces,
  desiredObjects,
} from "./desired-objects";

/** The label that puts a namespace's pods into the mesh. */
const dataplaneMode = "istio.io/dataplane-mode";

/** What follows from the inventory of a cluster. */
export interface Validation {
  readonly preexisting: PreexistingObjects;
  /** Why the mesh can't be installed in the cluster: a sentence each, without the cluster's name. */
  readonly problems: readonly string[];
  /** What the engineer should know. */
  readonly warnings: readonly string[];
  /** What is as it should be, and may surprise. */
  readonly notes: readonly string[];
}

export interface ValidateArgs {
  /** What the names of the resources inside the cluster begin with. */
  readonly namePrefix: string;
  /** The same of all clusters of the settings. */
  readonly namePrefixes: readonly string[];
  readonly settings: Settings;
  readonly cluster: ClusterSettings;
  /** The Gateway API's definitions that the stack would install. */
  readonly gatewayApi: GatewayApiBundle;
  readonly run: Run;
  readonly inventory: Inventory;
  /** The stack's state: what it has once created is its own. */
  readonly state: StackState;
}

/** Separates what in a cluster is the stack's from what is not, and finds what conflicts with the stack. */
export function validate(args: ValidateArgs): Validation {
  const { inventory, state, namePrefix, settings } = args;
  const namespaces = [...desiredNamespaces(settings)].flatMap(([name, labels]) => {
    const fact = inventory.namespaces.get(name);
    return fact && !ownsNamespace(state, namePrefix, name) ? [{ name, labels, fact }] : [];
  });
  const gatewayApi = validateDefinitions(args);
  return {
    preexisting: { namespaces: namespaces.map(({ name }) => name), definitions: gatewayApi.others },
    problems: [
      ...namespaces.flatMap(({ name, labels, fact }) =>
        namespaceProblems(name, fact, ownsResource(state, "core/v1:NamespacePatch", namePrefix, name) ? {} : labels),
      ),
      ...meshProblems(args),
      ...objectProblems(args),
      ...gatewayApi.problems,
    ],
    warnings: [
      ...gatewayApi.warnings,
      ...linkWarnings(args),
      ...pullSecretWarnings(args),
      ...namespaces.flatMap(({ name, labels, fact }) =>
        ownsResource(state, "core/v1:NamespacePatch", namePrefix, name) ? [] : enrolments(name, fact, labels),
      ),
    ],
    notes: gatewayApi.notes,
  };
}

function namespaceProblems(name: string, { labels, terminating }: ExistingNamespace, wanted: Labels): string[] {
  if (terminating) {
    return [`namespace ${name} is being deleted: wait until it is gone (kubectl get namespace ${name}).`];
  }
  return Object.entries(wanted).flatMap(([key, value]) => {
    const present = labels[key];
    return present === undefined || present === value
      ? []
      : [
          `namespace ${name} has the label ${key}=${present}, and this stack needs ${value}. If nobody else needs it, remove ` +
            `it: kubectl label namespace ${name} ${key}-`,
        ];
  });
}

/** Whoever created the namespace may have pods in it. */
function enrolments(name: string, { labels }: ExistingNamespace, wanted: Labels): string[] {
  const mode = wanted[dataplaneMode];
  return mode === undefined || labels[dataplaneMode] !== undefined
    ? []
    : [`namespace ${name} existed before, and joins the mesh (${dataplaneMode}=${mode}) with all its pods.`];
}

/** A second mesh in a cluster, or what is left of one, would conflict with the stack's own. */
function meshProblems(args: ValidateArgs): string[] {
  const { inventory, state, namePrefix } = args;
  const own = new Map<string, string>([
    ...Object.values(releaseNames).map((name) => [`${systemNamespace}/${name}`, name] as const),
    [`${eastWest}/peering-remote`, "peering-remote"],
  ]);
  const held = (release: string) => ownsResource(state, "helm.sh/v3:Release", namePrefix, release);
  const releases = [...inventory.releases].filter((path) => {
    const name = own.get(path);
    return name !== undefined && !held(name);
  });
  const [former, ...others] = leavingClusters(args);
  if (releases.length > 0 && former !== undefined && others.length === 0) {
    return [
      `it has a mesh already. If it is cluster ${former} of this stack, which is no longer in the settings, call it ${former} ` +
        "again; or take it out, run pulumi up, and add it under its new name.",
    ];
  }
  if (releases.length > 0) {
    return releases.map((path) => {
      const [namespace = "", name = ""] = path.split("/");
      return (
        `it has Helm release ${name} in namespace ${namespace}, which this stack did not install. Uninstall it if nobody needs ` +
        `it (helm uninstall ${name} -n ${namespace}), or take the cluster out of this stack.`
      );
    });
  }
  if (held(releaseNames.istiod)) {
    return [];
  }
  if (inventory.istiods.size > 0) {
    return [
      `it has an Istio control plane already (Deployment ${[...inventory.istiods].join(", ")}), which this stack did not install. ` +
        "Uninstall it, or take the cluster out of this stack: two control planes would fight over its pods.",
    ];
  }
  return held(releaseNames.base) ? [] : leftoverProblems(inventory);
}

/** Names of the existing clusters that have the stack's mesh but are no longer in the settings. */
function leavingClusters({ state, namePrefixes }: ValidateArgs): string[] {
  const pattern = new RegExp(`^${resourceKey("kubernetes:helm.sh/v3:Release", `(.+)-${releaseNames.istiod}`)}$`);
  const recorded = [...state.keys()].flatMap((key) => pattern.exec(key)?.[1] ?? []);
  return recorded.filter((prefix) => !namePrefixes.includes(prefix) && !/-[0-9a-f]{8}$/.test(prefix));
}

/** Helm does not take over an object that another release, or none, has installed. */
function leftoverProblems({ definitions }: Inventory): string[] {
  const foreign = [...definitions].flatMap(([name, { release }]) =>
    name.endsWith(".istio.io") && release !== `${systemNamespace}/${releaseNames.base}` ? [name] : [],
  );
  return foreign.length === 0
    ? []
    : [
        `it has definitions of another Istio, which Helm would not take over: ${foreign.join(", ")}. If nothing uses them, ` +
          `delete them: kubectl delete crd ${foreign.join(" ")}; or hand them over to this stack's release: kubectl label ` +
          `--overwrite crd ${foreign.join(" ")} app.kubernetes.io/managed-by=Helm; kubectl annotate --overwrite crd ` +
          `${foreign.join(" ")} meta.helm.sh/release-name=${releaseNames.base} meta.helm.sh/release-namespace=${systemNamespace}`,
      ];
}

function objectProblems(args: ValidateArgs): string[] {
  const { inventory, settings, cluster } = args;
  return desiredObjects(settings, cluster).flatMap((planned) => {
    if (!inventory.objects.some((object) => same(object, planned)) || isOwn(planned, args)) {
      return [];
    }
    return [
      `it has ${called(planned)}, which this stack did not create` +
        (planned.name === "cacerts"
          ? ": if its certificates are managed elsewhere, write root: {existing: true}; otherwise delete it."
          : ": delete it if nobody needs it, or take the cluster out of this stack."),
    ];
  });
}

/** Links that a former mesh has left: the stack's control plane would read those clusters as well. */
function linkWarnings(args: ValidateArgs): string[] {
  const { inventory, settings, cluster, state, namePrefix } = args;
  if (ownsResource(state, "helm.sh/v3:Release", namePrefix, releaseNames.istiod)) {
    return [];
  }
  const planned = desiredObjects(settings, cluster);
  const others = inventory.links.filter((link) => !planned.some((object) => same(object, link)));
  return others.map(
    (link) =>
      `it has ${called(link)}, which this stack did not create: its control plane will read the cluster behind it. Delete it if ` +
      "nobody needs it.",
  );
}

/** Nodes ignore a Secret that is missing, and ask the registry without it. */
function pullSecretWarnings({ inventory: { lacks = [] } }: ValidateArgs): string[] {
  const [first] = lacks;
  return first === undefined
    ? []
    : [
        `it lacks ${lacks.map(called).join(", ")}, which imagePullSecrets names: without it, no image of a private registry is ` +
          `pulled. Create it in each namespace (kubectl create secret docker-registry ${first.name} -n ${first.namespace ?? ""} …), ` +
          "or have the stack make it: give its registry in imagePullSecrets.",
      ];
}

function isOwn({ apiVersion, kind, resource, release }: DesiredObject, { state, namePrefix }: ValidateArgs): boolean {
  const [group = "", version = ""] = apiVersion.split("/");
  const type = version === "" ? `core/${group}` : `${group}/${version}`;
  return (
    ownsResource(state, `${type}:${kind}`, namePrefix, resource) ||
    (release !== undefined && ownsResource(state, "helm.sh/v3:Release", namePrefix, release))
  );
}

function same(one: ObjectReference, other: ObjectReference): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}

/** Such as `Secret istio-system/cacerts`. */
function called({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
