import * as pulumi from "@pulumi/pulumi";
import { ApiServer, Forbidden, Unreachable } from "../../kubernetes/index";
import { type ExistingClusterSettings, PreconditionError, type Settings, warn } from "../../settings/index";
import { accessTo, type Findings, scopeOf } from "../../components/clusters/index";
import { ownResources } from "../../stacks/engine";
import { type Kept, keptRoot } from "../../components/trust/index";
import type { Facts } from "./types";
import type { Definitions } from "./gateway-api";
import { judge, type Judgement } from "./validate";
import { look } from "./inventory";
import { holds, holdsNamespace, plannedNamespaces, wantedOf } from "./desired-objects";

/** What stands in the existing clusters of a stack. */
export interface Survey {
  /** By cluster. */
  readonly findings: ReadonlyMap<string, Findings>;
  /** The certificates in them; none where the stack makes them itself. */
  readonly kept: Kept;
}

/**
 * Looks at every existing cluster before anything is made: what is there already, and is not the stack's.
 *
 * @param definitions The Gateway API's definitions that the stack would make.
 * @throws PreconditionError with everything that stands in the stack's way, or when a cluster can't be looked at that has to be.
 */
export async function surveyClusters(settings: Settings, definitions: Definitions): Promise<Survey> {
  const existing = settings.clusters.filter((cluster) => cluster.provisioner === "existing");
  if (existing.length === 0) {
    return { findings: new Map(), kept: { certificates: [] } };
  }
  const state = await ownResources();
  const looks = await Promise.all(
    existing.map(async (cluster) => {
      const scope = scopeOf(cluster);
      const facts = await lookAt(cluster, settings, isSetUp(scope, state));
      const judgement: Judgement = facts
        ? judge({ scope, settings, cluster, definitions, facts, state })
        : { findings: remembered(scope, settings, definitions, state), faults: [], warnings: [] };
      return { name: cluster.name, facts, ...judgement };
    }),
  );
  const certificates = looks.flatMap(({ name, facts }) =>
    facts && settings.root.source === "existing" ? [{ cluster: name, files: facts.cacerts }] : [],
  );
  const root = keptRoot(certificates);
  const faults = [
    ...looks.flatMap(({ name, faults: list }) => list.map((fault) => `  - cluster ${name}: ${fault}`)),
    ...sameClusters(looks).map((fault) => `  - ${fault}`),
    ...root.faults.map((fault) => `  - ${fault}`),
  ];
  if (faults.length > 0) {
    throw new PreconditionError(
      `Existing clusters can't take this stack's mesh:\n${faults.join("\n")}`,
      "docs/existing-clusters.md#what-is-refused",
    );
  }
  looks.forEach(({ name, warnings }) => {
    warnings.forEach((warning) => {
      warn(`Cluster ${name}: ${warning}`);
    });
  });
  return {
    findings: new Map(looks.map(({ name, findings }) => [name, findings])),
    kept: { certificates, ...(root.rootCertificate !== undefined && { rootCertificate: root.rootCertificate }) },
  };
}

/** Two names for one cluster: the second mesh would be put over the first. */
function sameClusters(looks: readonly { readonly name: string; readonly facts: Facts | undefined }[]): string[] {
  const byUid = new Map<string, string[]>();
  for (const { name, facts } of looks) {
    if (facts?.uid !== undefined) {
      byUid.set(facts.uid, [...(byUid.get(facts.uid) ?? []), name]);
    }
  }
  return [...byUid.values()].flatMap((names) =>
    names.length < 2
      ? []
      : [
          `clusters ${names.join(", ")}: their kubeconfigs and contexts lead to one and the same cluster. Correct them, or leave ` +
            "one in the settings.",
        ],
  );
}

/** Undefined where a cluster can't be reached, and the plan can do without. */
async function lookAt(
  cluster: ExistingClusterSettings,
  settings: Settings,
  /** Whether the stack's mesh is in it by now. */
  setUp: boolean,
): Promise<Facts | undefined> {
  try {
    return await look(await ApiServer.open(accessTo(cluster)), wantedOf(settings, cluster));
  } catch (error) {
    if (error instanceof Forbidden) {
      throw new PreconditionError(
        `Cluster ${cluster.name}: its API server does not let this user look at what is there: ${error.message}. Use a ` +
          "kubeconfig of a cluster administrator, as installing a mesh needs one.",
        "docs/existing-clusters.md#kubeconfigs",
      );
    }
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    const message = `Cluster ${cluster.name} can't be looked at: ${error.message}.`;
    if (!pulumi.runtime.isDryRun() && !setUp) {
      throw new PreconditionError(
        `${message} Correct its kubeconfig or context, or take it out of the settings.`,
        "docs/existing-clusters.md#a-cluster-that-cannot-be-reached",
      );
    }
    warn(`${message} The plan takes it to be as this stack has left it.`);
    return undefined;
  }
}

/** What a cluster had when the stack last looked, as far as the stack's resources tell. */
function remembered(scope: string, settings: Settings, definitions: Definitions, state: ReadonlySet<string>): Findings {
  const others = (names: readonly string[], own: (name: string) => boolean): Set<string> =>
    new Set(isSetUp(scope, state) ? names.filter((name) => !own(name)) : []);
  return {
    namespaces: others([...plannedNamespaces(settings).keys()], (name) => holdsNamespace(state, scope, name)),
    definitions: others(
      definitions.map(({ metadata }) => metadata.name),
      (name) => holds(state, "apiextensions.k8s.io/v1:CustomResourceDefinition", scope, name),
    ),
  };
}

/** Whether the stack has put its mesh into a cluster by now. */
function isSetUp(scope: string, state: ReadonlySet<string>): boolean {
  return holds(state, "helm.sh/v3:Release", scope, "istiod");
}
