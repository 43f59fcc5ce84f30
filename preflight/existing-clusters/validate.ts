import type { ClusterSettings, Settings } from "../../settings/index";
import { type Findings, scopeOf } from "../../components/clusters/index";
import { releaseNames, systemNamespace } from "../../components/mesh/index";
import { eastWest } from "../../components/peering/index";
import { resourceKey } from "../../stacks/engine";
import type { Facts, NamespaceFact, ObjectReference } from "./types";
import { type Definitions, judgeDefinitions } from "./gateway-api";
import { holds, holdsNamespace, type Labels, type Planned, plannedNamespaces, plannedObjects } from "./desired-objects";

/** The label by which a namespace's pods are in the mesh. */
const dataplaneMode = "istio.io/dataplane-mode";

/** What is made of the facts about a cluster. */
export interface Judgement {
  readonly findings: Findings;
  /** Why the stack can't be put into the cluster: a sentence each, without the cluster's name. */
  readonly faults: readonly string[];
  /** What the engineer should know. */
  readonly warnings: readonly string[];
}

export interface JudgeArgs {
  /** What the resources inside the cluster put before their names. */
  readonly scope: string;
  readonly settings: Settings;
  readonly cluster: ClusterSettings;
  /** The Gateway API's definitions that the stack would make. */
  readonly definitions: Definitions;
  readonly facts: Facts;
  /** The resources that the stack has by now ({@link ownResources}): what it has once made stays its own. */
  readonly state: ReadonlySet<string>;
}

/** Tells what in a cluster is the stack's from what is somebody else's, and what of the latter stands in its way. */
export function judge(args: JudgeArgs): Judgement {
  const { facts, state, scope, settings } = args;
  const namespaces = [...plannedNamespaces(settings)].flatMap(([name, labels]) => {
    const fact = facts.namespaces.get(name);
    return fact && !holdsNamespace(state, scope, name) ? [{ name, labels, fact }] : [];
  });
  const gatewayApi = judgeDefinitions(args);
  return {
    findings: { namespaces: new Set(namespaces.map(({ name }) => name)), definitions: gatewayApi.others },
    faults: [
      ...namespaces.flatMap(({ name, labels, fact }) =>
        namespaceFaults(name, fact, holds(state, "core/v1:NamespacePatch", scope, name) ? {} : labels),
      ),
      ...meshFaults(args),
      ...objectFaults(args),
      ...gatewayApi.faults,
    ],
    warnings: [
      ...gatewayApi.warnings,
      ...linkWarnings(args),
      ...namespaces.flatMap(({ name, labels, fact }) =>
        holds(state, "core/v1:NamespacePatch", scope, name) ? [] : enrolments(name, fact, labels),
      ),
    ],
  };
}

function namespaceFaults(name: string, { labels, terminating }: NamespaceFact, wanted: Labels): string[] {
  if (terminating) {
    return [`namespace ${name} is being deleted: wait until it is gone (kubectl get namespace ${name}).`];
  }
  return Object.entries(wanted).flatMap(([key, value]) => {
    const theirs = labels[key];
    return theirs === undefined || theirs === value
      ? []
      : [
          `namespace ${name} has the label ${key}=${theirs}, and this stack needs ${value}. If nobody else needs it, remove ` +
            `it: kubectl label namespace ${name} ${key}-`,
        ];
  });
}

/** Whoever has made the namespace may have pods in it. */
function enrolments(name: string, { labels }: NamespaceFact, wanted: Labels): string[] {
  const mode = wanted[dataplaneMode];
  return mode === undefined || labels[dataplaneMode] !== undefined
    ? []
    : [`namespace ${name} was there before, and joins the mesh (${dataplaneMode}=${mode}) with every pod in it.`];
}

/** A second mesh in a cluster, or what is left of one, would be at odds with the stack's own. */
function meshFaults({ facts, state, scope, settings }: JudgeArgs): string[] {
  const own = new Map<string, string>([
    ...Object.values(releaseNames).map((name) => [`${systemNamespace}/${name}`, name] as const),
    [`${eastWest}/peering-remote`, "peering-remote"],
  ]);
  const held = (release: string) => holds(state, "helm.sh/v3:Release", scope, release);
  const releases = [...facts.releases].filter((path) => {
    const name = own.get(path);
    return name !== undefined && !held(name);
  });
  const [former, ...others] = leavingClusters(state, settings);
  if (releases.length > 0 && former !== undefined && others.length === 0) {
    return [
      `it has a mesh already. Where that is the one of ${former}, which this stack has as well and the settings have not any more, ` +
        `call the cluster ${former} again; or take it out, run pulumi up, and put it in under its new name.`,
    ];
  }
  if (releases.length > 0) {
    return releases.map((path) => {
      const [namespace = "", name = ""] = path.split("/");
      return (
        `it has Helm release ${name} in namespace ${namespace}, which this stack has not made. Uninstall it if nobody needs ` +
        `it (helm uninstall ${name} -n ${namespace}), or take the cluster out of this stack.`
      );
    });
  }
  if (held(releaseNames.istiod)) {
    return [];
  }
  if (facts.istiods.size > 0) {
    return [
      `it has an Istio control plane already (Deployment ${[...facts.istiods].join(", ")}), which this stack has not made. ` +
        "Uninstall that one, or take the cluster out of this stack: two control planes would fight over its pods.",
    ];
  }
  return held(releaseNames.base) ? [] : leftoverFaults(facts);
}

/** The existing clusters, by name, in which the stack has its mesh by now and which are not in the settings. */
function leavingClusters(state: ReadonlySet<string>, { clusters }: Settings): string[] {
  const pattern = new RegExp(`^${resourceKey("kubernetes:helm.sh/v3:Release", `(.+)-${releaseNames.istiod}`)}$`);
  const scopes = [...state].flatMap((key) => pattern.exec(key)?.[1] ?? []);
  const kept = clusters.map(scopeOf);
  return scopes.filter((scope) => !kept.includes(scope) && !/-[0-9a-f]{8}$/.test(scope));
}

/** Helm takes no object for its own that another release, or nobody, has made. */
function leftoverFaults({ definitions }: Facts): string[] {
  const foreign = [...definitions].flatMap(([name, { release }]) =>
    name.endsWith(".istio.io") && release !== `${systemNamespace}/${releaseNames.base}` ? [name] : [],
  );
  return foreign.length === 0
    ? []
    : [
        `it has definitions of another Istio, which Helm would not take over: ${foreign.join(", ")}. If nothing uses them, ` +
          "delete them (kubectl delete crd …); else hand them over to this stack's release: kubectl label crd … " +
          "app.kubernetes.io/managed-by=Helm, and kubectl annotate crd … " +
          `meta.helm.sh/release-name=${releaseNames.base} meta.helm.sh/release-namespace=${systemNamespace}`,
      ];
}

function objectFaults(args: JudgeArgs): string[] {
  const { facts, settings, cluster } = args;
  return plannedObjects(settings, cluster).flatMap((planned) => {
    if (!facts.objects.some((object) => same(object, planned)) || isOwn(planned, args)) {
      return [];
    }
    return [
      `it has ${called(planned)}, which this stack has not made` +
        (planned.name === "cacerts"
          ? ": if somebody else keeps the certificates there, write root: {existing: true}; else delete it."
          : ": delete it if nobody needs it, or take the cluster out of this stack."),
    ];
  });
}

/** What a mesh that is gone has left: the stack's own control plane would read those clusters as well. */
function linkWarnings(args: JudgeArgs): string[] {
  const { facts, settings, cluster, state, scope } = args;
  if (holds(state, "helm.sh/v3:Release", scope, releaseNames.istiod)) {
    return [];
  }
  const planned = plannedObjects(settings, cluster);
  const others = facts.links.filter((link) => !planned.some((object) => same(object, link)));
  return others.map(
    (link) =>
      `it has ${called(link)}, which this stack has not made: its control plane will read the cluster behind it. Delete it if ` +
      "nobody needs it.",
  );
}

function isOwn({ apiVersion, kind, resource, release }: Planned, { state, scope }: JudgeArgs): boolean {
  const [group = "", version = ""] = apiVersion.split("/");
  const type = version === "" ? `core/${group}` : `${group}/${version}`;
  return (
    holds(state, `${type}:${kind}`, scope, resource) ||
    (release !== undefined && holds(state, "helm.sh/v3:Release", scope, release))
  );
}

function same(one: ObjectReference, other: ObjectReference): boolean {
  return one.kind === other.kind && one.namespace === other.namespace && one.name === other.name;
}

/** Such as `Secret istio-system/cacerts`. */
function called({ kind, namespace, name }: ObjectReference): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
