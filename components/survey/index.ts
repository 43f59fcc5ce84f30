import * as pulumi from "@pulumi/pulumi";
import { type ExistingClusterSettings, Refusal, type Settings } from "../../settings";
import { accessTo, type Findings } from "../clusters";
import { ownResources } from "../stacks";
import { ApiServer, Forbidden, Unreachable } from "./api-server";
import type { Facts } from "./facts";
import type { Definitions } from "./gateway-api";
import { judge } from "./judge";
import { look } from "./look";
import { holds, plannedNamespaces, wantedOf } from "./wanted";

/** What stands in the existing clusters of a stack. */
export interface Survey {
  /** By cluster. */
  readonly findings: ReadonlyMap<string, Findings>;
  /** By cluster: what its Secret `cacerts` holds, in the clear. Only of clusters that could be looked at, and where asked for. */
  readonly cacerts: ReadonlyMap<string, Readonly<Record<string, string>> | undefined>;
}

/**
 * Looks at every existing cluster before anything is made: what is there already, and is not the stack's.
 *
 * @param definitions The Gateway API's definitions that the stack would make.
 * @throws Refusal with everything that stands in the stack's way, or when a cluster can't be looked at that has to be.
 */
export async function surveyClusters(settings: Settings, definitions: Definitions): Promise<Survey> {
  const existing = settings.clusters.filter((cluster) => cluster.provisioner === "existing");
  if (existing.length === 0) {
    return { findings: new Map(), cacerts: new Map() };
  }
  const state = await ownResources();
  const looks = await Promise.all(
    existing.map(async (cluster) => ({ name: cluster.name, facts: await lookAt(cluster, settings, state) })),
  );
  const judgements = looks.flatMap(({ name, facts }) =>
    facts === undefined ? [] : [{ name, ...judge({ scope: name, settings, definitions, facts, state }) }],
  );
  const faults = judgements.flatMap(({ name, faults: list }) => list.map((fault) => `  - cluster ${name}: ${fault}`));
  if (faults.length > 0) {
    throw new Refusal(`What stands in existing clusters is in the way:\n${faults.join("\n")}`);
  }
  judgements.forEach(({ name, warnings }) => {
    warnings.forEach((warning) => void pulumi.log.warn(`Cluster ${name}: ${warning}`));
  });
  const judged = new Map(judgements.map(({ name, findings }) => [name, findings]));
  return {
    findings: new Map(
      existing.map(({ name }) => [name, judged.get(name) ?? remembered(name, settings, definitions, state)]),
    ),
    cacerts: new Map(looks.flatMap(({ name, facts }) => (facts ? [[name, facts.cacerts] as const] : []))),
  };
}

/** Undefined where a cluster can't be reached, and the plan can do without. */
async function lookAt(
  cluster: ExistingClusterSettings,
  settings: Settings,
  state: ReadonlySet<string>,
): Promise<Facts | undefined> {
  try {
    return await look(await ApiServer.open(accessTo(cluster)), wantedOf(settings));
  } catch (error) {
    if (error instanceof Forbidden) {
      throw new Refusal(
        `Cluster ${cluster.name}: its API server does not let this user look at what is there: ${error.message}. Use a ` +
          "kubeconfig of a cluster administrator, as installing a mesh needs one.",
      );
    }
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    const message = `Cluster ${cluster.name} can't be looked at: ${error.message}.`;
    if (!pulumi.runtime.isDryRun() && !isSetUp(cluster.name, state)) {
      throw new Refusal(`${message} Correct its kubeconfig or context, or take it out of the settings.`);
    }
    void pulumi.log.warn(`${message} The plan takes it to be as this stack has left it.`);
    return undefined;
  }
}

/** What a cluster had when the stack last looked, as far as the stack's resources tell. */
function remembered(scope: string, settings: Settings, definitions: Definitions, state: ReadonlySet<string>): Findings {
  const others = (type: string, names: readonly string[]): Set<string> =>
    new Set(isSetUp(scope, state) ? names.filter((name) => !holds(state, type, scope, name)) : []);
  return {
    namespaces: others("core/v1:Namespace", [...plannedNamespaces(settings).keys()]),
    definitions: others(
      "apiextensions.k8s.io/v1:CustomResourceDefinition",
      definitions.map(({ metadata }) => metadata.name),
    ),
  };
}

/** Whether the stack has put its mesh into a cluster by now. */
function isSetUp(scope: string, state: ReadonlySet<string>): boolean {
  return holds(state, "helm.sh/v3:Release", scope, "istiod");
}
