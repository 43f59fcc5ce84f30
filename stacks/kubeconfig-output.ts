import { closest, distance } from "fastest-levenshtein";
import { printableLine } from "../printable";
import { kubeconfig, type KubeconfigOutput } from "../settings";
import type { StackOutputs } from "./outputs";

/** An output of another stack as a kubeconfig: its text, or why there is none, as the predicate of a sentence about the output. */
export type ReadKubeconfig =
  | { readonly text: string }
  /** It may be there once that stack is deployed. */
  | { readonly missing: string }
  /** It is there, and no kubeconfig. */
  | { readonly wrong: string };

/**
 * Reads the kubeconfig that another stack's program puts out: pulumi-eks a map, programs for GKE and AKS a text. What is wrong is said
 * by names of outputs, never by a value.
 *
 * @param outputs Secrets in the clear; undefined where there is no such stack.
 */
export function kubeconfigIn({ output }: KubeconfigOutput, outputs: StackOutputs = {}): ReadKubeconfig {
  const names = Object.keys(outputs);
  if (names.length === 0) {
    return { missing: "does not exist: the stack is not deployed yet, or there is none of that name" };
  }
  const value = Object.hasOwn(outputs, output) ? outputs[output] : undefined;
  if (value === undefined || value === null) {
    return { missing: `does not exist. The stack has ${listed(names)}${meant(output, names)}` };
  }
  const text = typeof value === "object" && !Array.isArray(value) ? JSON.stringify(value) : value;
  if (text === "{}") {
    // What Pulumi puts in the place of a secret that it can't decrypt (newErrorCatchingSecretsProvider, pkg/backend/secrets.go).
    return {
      wrong:
        "is an empty map, or can't be decrypted by whoever runs this: set the passphrase that its stack is encrypted with, or get access " +
        "to its secrets provider",
    };
  }
  const others = names.filter((name) => name !== output);
  if (typeof text !== "string") {
    return { wrong: `is ${kindOf(value)}, and no kubeconfig. ${rest(output, others)}` };
  }
  const problem = problemOf(text);
  return problem === undefined ? { text } : { wrong: `${problem}. ${rest(output, others)}` };
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}

/** As the settings judge a text; undefined where it is a kubeconfig. */
function problemOf(text: string): string | undefined {
  const problem = problemOfText(text);
  return problem !== undefined && problemOfText(Buffer.from(text, "base64").toString("utf8")) === undefined
    ? "is a kubeconfig in base64: have that stack's program put out the decoded text"
    : problem;
}

function problemOfText(text: string): string | undefined {
  const [issue] = kubeconfig.safeParse(text).error?.issues ?? [];
  return text === "in-cluster"
    ? "is no kubeconfig"
    : issue?.code === "custom"
      ? String(issue.params?.["problem"])
      : issue?.message;
}

function rest(output: string, others: readonly string[]): string {
  return others.length === 0
    ? "The stack has no other output"
    : `The stack also has ${listed(others)}${meant(output, others)}`;
}

/** How many names a message lists, and how long each may be. */
const [mostNames, longestName] = [20, 60];

function listed(names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${String(names.length - mostNames)} more` : "";
  return names.toSorted().slice(0, mostNames).map(shown).join(", ") + more;
}

/** The outputs that were probably meant: those that the name is a part of, else the nearest one, else whatever is called a kubeconfig. */
function meant(output: string, names: readonly string[]): string {
  const wanted = simplified(output);
  const parts = names.filter((name) => isPart(wanted, simplified(name)) || isPart(simplified(name), wanted));
  const nearest = closest(output, [...names]);
  const near = distance(wanted, simplified(nearest)) <= Math.max(2, wanted.length / 3) ? [nearest] : [];
  const called = names.filter((name) => simplified(name).includes("kubeconfig"));
  const [found = []] = [parts, near, called].filter(({ length }) => length > 0);
  return found.length === 0 ? "" : `; did you mean ${found.toSorted().slice(0, mostNames).map(shown).join(" or ")}?`;
}

function isPart(part: string, whole: string): boolean {
  return part.length > 3 && whole.includes(part);
}

function simplified(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

function shown(name: string): string {
  return printableLine(name, { longest: longestName });
}
