import { z } from "zod";
import { contextProblem, inCluster, kubeconfig, matching, stackName } from "./formats";
import type { PartialCluster, PartialConfig, Report } from "./issues";
import { planLinks } from "./links";

const output = z
  .strictObject({
    stack: stackName.describe("Full name of the stack that makes the cluster: organization/project/stack"),
    output: matching(
      "the name of an output",
      "write it as `pulumi stack output` lists it",
      /^[^\p{C}\s]{1,253}$/u,
    ).describe("Name of the stack's output that has the kubeconfig, as a text or a map, secret or not"),
  })
  .meta({ title: "an output of another stack" });

/** An output of another stack that is a kubeconfig. */
export type KubeconfigOutput = Readonly<z.output<typeof output>>;

/** Where the kubeconfig of an existing cluster comes from. */
export const kubeconfigSource = z.preprocess(
  // What Pulumi ESC takes over from a program's output may be a map.
  (value) => (hasEntries(value) ? JSON.stringify(value) : value),
  z.union([kubeconfig, output], {
    error: `give the text of a kubeconfig, as a secret, or {stack, output}, or ${inCluster}`,
  }),
);

function hasEntries(value: unknown): boolean {
  return typeof value === "object" && value !== null && "contexts" in value && "clusters" in value;
}

/** The text of a kubeconfig that stands in the settings; undefined where it is somewhere else. */
export function givenKubeconfig(source: z.output<typeof kubeconfigSource> | undefined): string | undefined {
  return typeof source === "string" && source !== inCluster ? source : undefined;
}

/** An existing cluster can be reached, and each is listed once. */
export function checkExistingClusters(config: PartialConfig, stack: string | undefined, report: Report): void {
  const { clusters, clusterKeys } = config;
  const seen = new Map<string, number>();
  clusters.forEach(({ provisioner, kubeconfig: source, context }, index) => {
    const path = ["clusters", index];
    if (provisioner !== "existing") {
      return;
    }
    const given = clusterKeys[index];
    if (!given?.has("kubeconfig") && !given?.has("context")) {
      report({
        path,
        problem: "is an existing cluster without kubeconfig and context",
        remedy:
          "give context (of the engineer's own kubeconfig), kubeconfig (its text, as a secret, an output of another stack, or " +
          `${inCluster}), or both`,
      });
      return;
    }
    const text = givenKubeconfig(source);
    const found = text === undefined ? undefined : contextProblem(text, context);
    if (found) {
      report({ path: [...path, "context"], value: context, ...found });
    }
    checkOutput(path, source, stack, report);
    checkInCluster(index, config, report);
    const identity = JSON.stringify([typeof source === "object" ? [source.stack, source.output] : source, context]);
    const other = seen.get(identity);
    if (other === undefined) {
      seen.set(identity, index);
    } else if (source !== undefined || context !== undefined) {
      report({
        path,
        problem: `is the same cluster as clusters[${String(other)}]: same kubeconfig and context`,
        remedy: "list every cluster once",
      });
    }
  });
}

function checkOutput(
  path: PropertyKey[],
  source: PartialCluster["kubeconfig"],
  stack: string | undefined,
  report: Report,
): void {
  if (typeof source === "object" && stack !== undefined && source.stack === stack) {
    report({
      path: [...path, "kubeconfig", "stack"],
      value: stack,
      problem: "is this stack itself",
      remedy: "name the stack that makes the cluster",
    });
  }
}

/** The service account of a pod is one user of one cluster, whose API server has an address that its own pods alone reach. */
function checkInCluster(index: number, { clusters, names, valid }: PartialConfig, report: Report): void {
  const { name, kubeconfig: source, context, apiServer } = clusters[index] ?? {};
  if (source !== inCluster) {
    return;
  }
  const path = ["clusters", index];
  if (context !== undefined) {
    report({
      path: [...path, "context"],
      value: context,
      problem: `is not for kubeconfig: ${inCluster}, which has one context`,
      remedy: "leave it out",
    });
  }
  const { distribution, links = "mesh", peerStacks = [] } = valid;
  const isRead = peerStacks.length > 0 || planLinks(links, names, []).some(({ to }) => to === name);
  if (distribution === "community" && isRead && apiServer === undefined) {
    report({
      path: [...path, "apiServer"],
      problem: `is missing: with kubeconfig: ${inCluster}, nothing says how the control planes of other clusters reach it`,
      remedy:
        "write the URL of its API server as pods of the other clusters reach it, such as https://api.example.com:6443",
    });
  }
}
