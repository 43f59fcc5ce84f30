import { z } from "zod";
import { type Kubeconfig, KubeconfigError, readKubeconfig } from "../kubernetes/kubeconfig/index";
import type { Problem, Report } from "./issues";

/** Adds issues that concern several values, or a value in its context, to those of a schema. */
export function reportTo(context: z.core.$RefinementCtx): Report {
  return ({ path, value, problem, remedy }) => {
    context.addIssue({ code: "custom", path, message: remedy, params: { problem, context: true, value } });
  };
}

/**
 * A string that `check` finds no problem with, and that is not what a script or a template leaves where it has no value.
 *
 * Whatever the format, these are more helpful than what `check` says: spaces around a right value, the empty text, and dates that
 * YAML makes of texts without quotes.
 */
export function checkedString(check: (value: string) => Problem | undefined): z.ZodString {
  return z.string().check((context) => {
    const { value } = context;
    const found = unresolvedProblem(value) ?? textProblem(value, check);
    if (found) {
      const { problem, remedy } = found;
      context.issues.push({ code: "custom", input: value, message: remedy, params: { problem } });
    }
  });
}

/** What Pulumi makes of a date that stands in YAML without quotes. */
const yamlDate = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4} \S+$/;

function textProblem(value: string, check: (value: string) => Problem | undefined): Problem | undefined {
  const found = check(value);
  const trimmed = value.trim();
  if (found === undefined) {
    return undefined;
  }
  if (trimmed === "") {
    return { problem: "is empty", remedy: found.remedy };
  }
  if (trimmed !== value && check(trimmed) === undefined) {
    return { problem: "has a space or line break around it", remedy: `remove it; ${found.remedy}` };
  }
  return yamlDate.test(value)
    ? { ...found, remedy: `put it in quotes, since YAML makes a date of it; ${found.remedy}` }
    : found;
}

/** Placeholders, and what scripts and templates leave of a variable. Nothing that is longer than a line is looked through. */
const unresolved: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\$\{[^}]*\}|^\$\w+$|\$\([^)]*\)|^%\w+%$/, "contains a variable; Pulumi replaces none in its settings"],
  [/\{\{.*\}\}|<%.*%>/, "contains a template that nothing has filled in"],
  [/^<[^<>]+>$|<(your|my|the|insert|enter)\b[^<>]*>/i, "is a placeholder"],
  [/^(null|undefined|none|~|\[object Object\])$/i, "is what scripts write where they have no value"],
  [/^(change[-_ ]?me|replace[-_ ]?me|TODO|TBD|FIXME|X{3,9}|\.{3}|…)$/i, "is a placeholder"],
];

function unresolvedProblem(value: string): Problem | undefined {
  const found = value.includes("\n") ? undefined : unresolved.find(([pattern]) => pattern.test(value.trim()));
  return found && { problem: found[1], remedy: "write the value itself, or leave the key out" };
}

/**
 * A string that matches a pattern.
 *
 * @param what What it has to be: "a DNS label".
 * @param remedy How that is written.
 */
export function matching(what: string, remedy: string, pattern: RegExp): z.ZodString {
  return checkedString((value) => (pattern.test(value) ? undefined : { problem: `is not ${what}`, remedy }));
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): z.ZodNumber {
  return between(least, `${String(least)} or more`, most, `${String(most)} or less`);
}

/**
 * A number of days, at most a hundred years.
 *
 * @param why Why they are no fewer, where that is not plain.
 */
export function days(least: number, why = ""): z.ZodNumber {
  return between(least, `${String(least)} or more days${why && `: ${why}`}`, 36_500, "36500 days (100 years) or less");
}

/** Not `z.int()`: zod lets nothing run after what that refuses, the checks of other settings included. */
function between(least: number, atLeast: string, most: number, atMost: string): z.ZodNumber {
  return z
    .number()
    .multipleOf(1)
    .min(least, { error: `write ${atLeast}` })
    .max(most, { error: `write ${atMost}` });
}

/** RFC 1123 label, as names of Kubernetes objects and hosts are. */
export const dnsLabel = checkedString((value) => {
  if (label.test(value)) {
    return undefined;
  }
  const near = value
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return {
    problem: "is not a DNS label",
    remedy:
      "use lower-case letters, digits and '-', with a letter or digit at both ends, 63 characters at most" +
      (label.test(near) ? `, such as ${near}` : ""),
  };
});

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** RFC 1123 subdomain, 253 characters at most. */
export const dnsName = matching(
  "a DNS name",
  "use lower-case letters, digits, '-' and '.', with a letter or digit around each '.', 253 characters at most",
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
);

/** The value of a Kubernetes label, not empty. */
export const labelValue = matching(
  "a valid Kubernetes label value",
  "use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
  /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
);

/** What becomes an annotation of Kubernetes, which may be any text; this is what a person can read and compare. */
export const lineOfText = checkedString((text) =>
  /^[^\p{Cc}]{1,253}$/u.test(text) && text.trim() === text
    ? undefined
    : {
        problem: text.length > 253 ? `has ${String(text.length)} characters` : "is not one line of text",
        remedy: "write a text of one line and 253 characters at most, such as 2027-stage-1 or 2027-03-01T12:00:00Z",
      },
);

/** How a kubeconfig gets into a stack's settings. */
const kubeconfigRemedy =
  "give the whole text of a kubeconfig, as a secret: " +
  "`pulumi config set --secret --path 'flatmesh:clusters[N].kubeconfig' < FILE`; or {stack, output}, or in-cluster";

/** The word for the cluster whose pod runs the engine, in place of a kubeconfig. */
export const inCluster = "in-cluster";

/** The text of a kubeconfig, or {@link inCluster}. No message quotes it. */
export const kubeconfig = checkedString((value) => {
  if (value.toLowerCase().replaceAll(/[^a-z]/g, "") === inCluster.replace("-", "")) {
    return value === inCluster ? undefined : { problem: "is no kubeconfig", remedy: `write ${inCluster}` };
  }
  const read = parseKubeconfig(value);
  if (read instanceof KubeconfigError) {
    return { problem: read.problem, remedy: kubeconfigRemedy };
  }
  const missing = (["clusters", "contexts"] as const).filter((kind) => read[kind].length === 0);
  return missing.length > 0
    ? { problem: `is a kubeconfig without ${missing.join(" and ")}`, remedy: kubeconfigRemedy }
    : undefined;
});

/** The problem with using `context`, or else the current context, of a kubeconfig that is valid otherwise. */
export function contextProblem(kubeconfig: string, context: string | undefined): Problem | undefined {
  const read = parseKubeconfig(kubeconfig);
  if (read instanceof KubeconfigError) {
    return undefined;
  }
  const { contexts, "current-context": current } = read;
  const used = context ?? current ?? undefined;
  if (used !== undefined && contexts.some(({ name }) => name === used)) {
    return undefined;
  }
  return {
    problem: context === undefined ? "is missing, and the kubeconfig has no current one" : "is not in the kubeconfig",
    remedy: "write one that `kubectl config get-contexts` lists for this kubeconfig",
  };
}

function parseKubeconfig(text: string): Kubeconfig | KubeconfigError {
  try {
    return readKubeconfig(text, "the kubeconfig");
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return error;
    }
    throw error;
  }
}

/** Name of a context in a kubeconfig. */
export const contextName = matching(
  "the name of a context",
  "write it as `kubectl config get-contexts` gives it",
  /^[^\p{Cc}]+$/u,
);

/** Full name of a Pulumi stack. On a file backend the organization is literally `organization`. */
export const stackName = checkedString((value) => {
  if (fullName.test(value)) {
    return undefined;
  }
  const [, named] = /^(?:https:\/\/[^/]+)?\/*([^/]+\/[^/]+\/[^/]+?)\/*$/.exec(value) ?? [];
  return {
    problem: "is not the full name of a stack",
    remedy:
      named !== undefined && fullName.test(named)
        ? `write ${named}`
        : "write organization/project/stack, as `pulumi stack ls --all` gives it; without Pulumi Cloud the organization is called organization",
  };
});

const fullName = /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/;

/** Where a file of manifests is: a path, or an https URL. */
export const manifestSource = checkedString((value) => {
  const remedy = "write a path, or an https URL";
  if (/\p{Cc}/u.test(value) || value.trim() !== value || value === "") {
    return { problem: "is neither a path nor a URL", remedy };
  }
  if (!value.includes("://")) {
    return undefined;
  }
  return value.startsWith("https://") && URL.canParse(value) ? undefined : { problem: "is not an https URL", remedy };
});

/** A licence key. No message quotes it. */
export const licenseKey = checkedString((value) =>
  /^\S+$/.test(value)
    ? undefined
    : {
        problem: "is empty, or contains a space or line break",
        remedy: "give the key alone: `pulumi config set --secret flatmesh:license`, and paste it at the prompt",
      },
);
