import { isIP } from "node:net";
import { z } from "zod";
import type { Verdict } from "../faults";
import { parseSubnet, subnetFault } from "../ipv4";

/** A text that `judge` finds nothing wrong with. */
export function judged(judge: (value: string) => Verdict | undefined): z.ZodString {
  return z.string().check((context) => {
    const verdict = judge(context.value);
    if (verdict) {
      context.issues.push({
        code: "custom",
        input: context.value,
        message: verdict.remedy,
        params: { problem: verdict.problem },
      });
    }
  });
}

/**
 * A text of a pattern.
 *
 * @param what What it has to be: "a DNS label".
 * @param remedy How that is written.
 */
export function text(what: string, remedy: string, pattern: RegExp): z.ZodString {
  return judged((value) => (pattern.test(value) ? undefined : { problem: `is not ${what}`, remedy }));
}

/** RFC 1123 label, as names of Kubernetes objects and hosts are. */
export const dnsLabel = text(
  "a DNS label",
  "use lower-case letters, digits and '-', with a letter or digit at both ends, 63 characters at most",
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
);

/** RFC 1123 subdomain, 253 characters at most. */
export const dnsName = text(
  "a DNS name",
  "use lower-case letters, digits, '-' and '.', with a letter or digit around each '.', 253 characters at most",
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
);

/** What is wrong with the address that a machine is reached by from others; undefined when nothing is. */
export function hostAddressFault(value: string): Verdict | undefined {
  if (/^(localhost|127\..*|0\.0\.0\.0|::1?)$/.test(value)) {
    return { problem: "is an address that each machine has for itself", remedy: "write one that others reach it by" };
  }
  return isIP(value) !== 0 || (dnsName.safeParse(value).success && !/^[\d.]+$/.test(value))
    ? undefined
    : {
        problem: "is neither an IP address nor a DNS name",
        remedy: "write it without scheme and port, such as 10.0.0.5",
      };
}

/** Where a machine is reached from others: an IP address, or a DNS name. */
export const hostAddress = judged(hostAddressFault);

/** The value of a Kubernetes label, not empty. */
export const labelValue = text(
  "the value of a Kubernetes label",
  "use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
  /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
);

/**
 * The shortest prefix that pods or services can have: no private network is larger (RFC 1918), and a route to a third of all
 * addresses would be a default route by another name.
 */
const shortestPrefix = 8;

/** An IPv4 subnet of pods or services, without host bits. */
export const subnet = judged(
  (value) =>
    subnetFault(value) ??
    (parseSubnet(value).prefix < shortestPrefix
      ? {
          problem: "is larger than any private network",
          remedy: `write a subnet of /${String(shortestPrefix)} or smaller, such as 10.10.0.0/16`,
        }
      : undefined),
);

/** Name of a context in a kubeconfig. */
export const contextName = text(
  "the name of a context",
  "write it as `kubectl config get-contexts` gives it",
  /^[^\p{Cc}]+$/u,
);

/** Full name of a Pulumi stack. On a file backend the organization is literally `organization`. */
export const stackName = text(
  "the full name of a stack",
  "write organization/project/stack, as `pulumi stack ls --all` gives it; without Pulumi Cloud the organization is called organization",
  /^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/,
);

/** A container image: it ends up in a configuration and on a command line. */
export const image = text(
  "a container image",
  "write repository:tag or repository@digest, such as kindest/node:v1.34.0",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$/,
);

/** A container image by its tag: one that is named by digest alone can't be handed from engine to engine under that name. */
export const taggedImage = text(
  "a container image with a tag",
  "write repository:tag, such as docker.io/library/busybox:1.37",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?:[A-Za-z0-9._-]+$/,
);
