import { type Kubeconfig, KubeconfigError, readKubeconfig } from "../../kubernetes/kubeconfig";
import type { Verdict } from "../faults";

/** How a kubeconfig gets into a stack's settings. */
const remedy =
  "give the whole text of a kubeconfig, as a secret: " +
  "`pulumi config set --secret --path 'flatmesh:clusters[N].kubeconfig' < FILE`";

/** What is wrong with a kubeconfig, without a word of what it holds; undefined when nothing is. */
export function kubeconfigFault(text: string): Verdict | undefined {
  const read = reading(text);
  if (read instanceof KubeconfigError) {
    return { problem: read.problem, remedy };
  }
  return read.clusters.length === 0 ? { problem: "is a kubeconfig without clusters", remedy } : undefined;
}

/** What is wrong with using `context`, or else the current context, of a kubeconfig that has no other fault. */
export function contextFault(kubeconfig: string, context: string | undefined): Verdict | undefined {
  const read = reading(kubeconfig);
  if (read instanceof KubeconfigError) {
    return undefined;
  }
  const { contexts, "current-context": current } = read;
  const wanted = context ?? current ?? undefined;
  if (wanted !== undefined && contexts.some(({ name }) => name === wanted)) {
    return undefined;
  }
  return {
    problem: context === undefined ? "is missing, and the kubeconfig has no current one" : "is not in the kubeconfig",
    remedy: "write one that `kubectl config get-contexts` lists for this kubeconfig",
  };
}

function reading(text: string): Kubeconfig | KubeconfigError {
  try {
    return readKubeconfig(text, "the kubeconfig");
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return error;
    }
    throw error;
  }
}
