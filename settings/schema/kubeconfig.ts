import { parse } from "yaml";
import { z } from "zod";
import type { Verdict } from "../faults";

const named = z.array(z.looseObject({ name: z.string() }));

/** What matters here of a kubeconfig. The rest, credentials among it, is left unread. */
const kubeconfigShape = z.looseObject({
  clusters: named.min(1),
  contexts: named.default([]),
  "current-context": z.string().optional(),
});

/** How a kubeconfig gets into a stack's settings. */
const remedy =
  "give the whole text of a kubeconfig, as a secret: " +
  "`pulumi config set --secret --path 'flatmesh:clusters[N].kubeconfig' < FILE`";

/** What is wrong with a kubeconfig, without a word of what it holds; undefined when nothing is. */
export function kubeconfigFault(text: string): Verdict | undefined {
  const content = yaml(text);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return { problem: "is no YAML of a kubeconfig", remedy };
  }
  return kubeconfigShape.safeParse(content).success
    ? undefined
    : { problem: "is a kubeconfig without clusters", remedy };
}

/** What is wrong with using `context`, or else the current context, of a kubeconfig that has no other fault. */
export function contextFault(kubeconfig: string, context: string | undefined): Verdict | undefined {
  const { contexts, "current-context": current } = kubeconfigShape.parse(yaml(kubeconfig));
  const wanted = context ?? current;
  if (wanted !== undefined && contexts.some(({ name }) => name === wanted)) {
    return undefined;
  }
  return {
    problem: context === undefined ? "is missing, and the kubeconfig has no current one" : "is not in the kubeconfig",
    remedy: "write one that `kubectl config get-contexts` lists for this kubeconfig",
  };
}

function yaml(text: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch {
    // The parser's message quotes the text, which holds credentials.
    return undefined;
  }
}
