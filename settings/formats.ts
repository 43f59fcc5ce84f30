import { isIP } from "node:net";
import { z } from "zod";
import { type Kubeconfig, KubeconfigError, readKubeconfig } from "../kubernetes/kubeconfig/index";
import type { Problem, Report } from "./issues";
import { parseSubnet, subnetProblem } from "./subnets";

/** Adds issues that concern several values, or a value in its context, to those of a schema. */
export function reportTo(context: z.core.$RefinementCtx): Report {
  return ({ path, value, problem, remedy }) => {
    context.addIssue({ code: "custom", path, message: remedy, params: { problem, context: true, value } });
  };
}

/** A string that `check` finds no problem with. */
export function checkedString(check: (value: string) => Problem | undefined): z.ZodString {
  return z.string().check((context) => {
    const found = check(context.value);
    if (found) {
      const { problem, remedy } = found;
      context.issues.push({ code: "custom", input: context.value, message: remedy, params: { problem } });
    }
  });
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

/** A number of days, at most a hundred years. */
export function days(least: number): z.ZodNumber {
  return between(least, `${String(least)} or more days`, 36_500, "36500 days (100 years) or less");
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
export const dnsLabel = matching(
  "a DNS label",
  "use lower-case letters, digits and '-', with a letter or digit at both ends, 63 characters at most",
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
);

/** RFC 1123 subdomain, 253 characters at most. */
export const dnsName = matching(
  "a DNS name",
  "use lower-case letters, digits, '-' and '.', with a letter or digit around each '.', 253 characters at most",
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
);

function hostAddressProblem(value: string): Problem | undefined {
  if (/^(localhost|127\..*|0\.0\.0\.0|::1?)$/.test(value)) {
    return {
      problem: "is an address that every machine has for itself",
      remedy: "write one that other machines can reach",
    };
  }
  return isIP(value) !== 0 || (dnsName.safeParse(value).success && !/^[\d.]+$/.test(value))
    ? undefined
    : {
        problem: "is neither an IP address nor a DNS name",
        remedy: "write it without scheme and port, such as 10.0.0.5",
      };
}

/** Address of a machine that others can reach: an IP address, or a DNS name. */
export const hostAddress = checkedString(hostAddressProblem);

/** URL of an API server that others can reach. */
export const apiServerUrl = checkedString((value) => {
  const remedy = "write https://HOST or https://HOST:PORT, such as https://10.0.0.5:6443";
  if (!/^https:\/\/[^/@?#\s]+\/?$/.test(value) || !URL.canParse(value)) {
    return { problem: "is not an https URL of a host alone", remedy };
  }
  const found = hostAddressProblem(new URL(value).hostname.replace(/^\[(.*)\]$/, "$1"));
  return found && { problem: `has a host that ${found.problem}`, remedy };
});

/** The value of a Kubernetes label, not empty. */
export const labelValue = matching(
  "a valid Kubernetes label value",
  "use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
  /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
);

/**
 * The shortest prefix that pods or services can have: no private network is larger (RFC 1918), and a route to a third of all
 * addresses would be a default route by another name.
 */
const shortestPrefix = 8;

/** An IPv4 subnet that the address plan can take subnets from. */
export const addressPool = checkedString(subnetProblem);

/** An IPv4 subnet of pods or services, without host bits. */
export const subnet = checkedString(
  (value) =>
    subnetProblem(value) ??
    (parseSubnet(value).prefix < shortestPrefix
      ? {
          problem: "is larger than any private network",
          remedy: `write a subnet of /${String(shortestPrefix)} or smaller, such as 10.10.0.0/16`,
        }
      : undefined),
);

/** How a kubeconfig gets into a stack's settings. */
const kubeconfigRemedy =
  "give the whole text of a kubeconfig, as a secret: " +
  "`pulumi config set --secret --path 'flatmesh:clusters[N].kubeconfig' < FILE`";

/** The text of a kubeconfig. No message quotes it. */
export const kubeconfig = checkedString((value) => {
  const read = parseKubeconfig(value);
  if (read instanceof KubeconfigError) {
    return { problem: read.problem, remedy: kubeconfigRemedy };
  }
  return read.clusters.length === 0
    ? { problem: "is a kubeconfig without clusters", remedy: kubeconfigRemedy }
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
export const stackName = matching(
  "the full name of a stack",
  "write organization/project/stack, as `pulumi stack ls --all` gives it; without Pulumi Cloud the organization is called organization",
  /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/,
);

/** A container image: it ends up in a configuration and on a command line. */
export const image = matching(
  "a container image",
  "write repository:tag or repository@digest, such as kindest/node:v1.34.0",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$/,
);

/** A container image by its tag: an image that only has a digest can't be copied to another engine under its name. */
export const taggedImage = matching(
  "a container image with a tag",
  "write repository:tag, such as docker.io/library/busybox:1.37",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?:[A-Za-z0-9._-]+$/,
);

const host = "[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?";
const path = "(/[A-Za-z0-9][A-Za-z0-9._-]*)*/*";
const oci = new RegExp(`^oci://${host}${path}$`);
const hub = new RegExp(`^${host}${path}$`);

/** A folder: absolute, or relative with a first part that can't be mistaken for a registry's host. */
const folder = /^(\/|\.{1,2}(\/|$)|[A-Za-z0-9_-]+(\/|$))[^\p{Cc}]*$/u;

/** Where charts come from: an OCI registry, or a folder. */
export const chartSource = checkedString((value) =>
  oci.test(value) || (folder.test(value) && !value.includes("://"))
    ? undefined
    : {
        problem: "is neither an OCI registry nor a folder",
        remedy: "write oci://HOST/PATH without a tag, or a folder of packaged charts such as ./charts",
      },
);

/** Where images come from. */
export const imageHub = checkedString((value) => {
  const scheme = /^[A-Za-z]+:\/\//.exec(value)?.[0];
  if (scheme !== undefined) {
    return { problem: `has the scheme ${scheme}`, remedy: `write ${value.slice(scheme.length) || "HOST/PATH"}` };
  }
  return hub.test(value)
    ? undefined
    : {
        problem: "is not an image hub",
        remedy: "write HOST/PATH without an image's name or tag, such as docker.io/istio",
      };
});

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
