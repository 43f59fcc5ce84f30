import { createPrivateKey, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Verdict } from "../faults";
import { notes } from "./notes";
import { dnsLabel, judged, labelValue, stackName } from "./texts";

const days = (least: number) =>
  z
    .int()
    .min(least, { error: `write ${String(least)} or more days` })
    .max(36_500, { error: "write 36500 days (100 years) or less" });

/** What the stack decides wherever it signs the intermediates itself. */
const intermediates = {
  algorithm: z
    .enum(["ECDSA", "RSA"])
    .default("ECDSA")
    .describe("Kind of the keys that the stack makes: P-256, or 4096 bits"),
  intermediateValidityDays: days(1)
    .optional()
    .describe("Lifetime of a cluster's intermediate certificate")
    .register(notes, { fallback: "730, or the root's if that is less" }),
  renewBeforeDays: days(0)
    .optional()
    .describe("How long before its end `pulumi up` renews an intermediate")
    .register(notes, { fallback: "90, or a quarter of the lifetime if that is less" }),
};

const issueFor = z
  .array(dnsLabel)
  .default([])
  .describe("Clusters of other stacks, which take this stack's root (`root.stack`), to sign intermediates for");

/** How a root is called, as a text. */
export const rootNameText = judged(rootNameFault);

/** The same as settings give it; years come as numbers. */
const rootName = z.union([rootNameText, z.int().min(0)], {
  error: "write a name of lower-case letters, digits and '-', such as 2027",
});

/** What goes with every form. */
const everyForm = {
  reissue: z
    .union([labelValue, z.int()], { error: "write any short text, such as 2027-stage-1" })
    .optional()
    .describe(
      "Another text than the last one has every workload's certificate issued anew by this `pulumi up`: ztunnel restarts, one " +
        "cluster after the other",
    )
    .register(notes, { fallback: "by their lifetime" }),
  unverified: rootName
    .optional()
    .describe(
      "Name of a root that this `pulumi up` may sign with, or no longer trust, although some cluster can't be looked at, or a " +
        "stage is skipped",
    )
    .register(notes, { fallback: "refused" }),
};

const alsoTrusted = z
  .array(judged(certificateFault).register(notes, { secret: true }))
  .max(1, { error: "give one at most: finish one replacement before the next" })
  .default([])
  .describe("Certificate of somebody else's root that every cluster trusts while one replaces the other, PEM");

const generate = z
  .strictObject({
    trusted: z
      .array(rootName, { error: "list the names of one or two roots, such as [first, 2027]" })
      .min(1, { error: "list the root that all clusters trust, such as [first]" })
      .max(2, { error: "list two at most: finish one replacement before the next" })
      .default(["first"])
      .describe(
        "Names of the roots that the stack makes, and every cluster trusts: one, or two while one replaces the other",
      ),
    signing: rootName
      .optional()
      .describe("The one of them that signs the intermediates")
      .register(notes, { fallback: "the one, where `trusted` has no other" }),
    generate: z
      .strictObject({
        rootValidityDays: days(1).default(3650).describe("Lifetime of the root certificate"),
        rootRenewBeforeDays: days(0)
          .optional()
          .describe("How long before its end `pulumi up` renews the root")
          .register(notes, { fallback: "365, or a quarter of the lifetime if that is less" }),
        ...intermediates,
        issueFor,
      })
      .describe("The stack makes the roots itself; their keys stay in the stack's state, encrypted"),
    alsoTrusted,
    ...everyForm,
  })
  .register(notes, { title: "a generated root" });

const ofStack = z
  .strictObject({
    stack: stackName.describe(
      "The root is that of another stack, by its full name. It signs the intermediates: list the clusters in `issueFor` there",
    ),
    ...everyForm,
  })
  .register(notes, { title: "the root of another stack" });

const given = z
  .strictObject({
    certificate: judged(certificateFault)
      .register(notes, { secret: true })
      .describe("The root is given: its certificate, PEM"),
    privateKey: judged(privateKeyFault)
      .register(notes, { secret: true })
      .describe("Its private key, PEM without passphrase; a secret"),
    alsoTrusted,
    ...intermediates,
    issueFor,
    ...everyForm,
  })
  .register(notes, { title: "a given root" });

const existing = z
  .strictObject({
    existing: z.literal(true).describe("Someone else, such as cert-manager, keeps the secret cacerts of every cluster"),
    ...everyForm,
  })
  .register(notes, { title: "cacerts that someone else keeps" });

/** Where the root of trust comes from. */
export const root = z.union([generate, ofStack, given, existing], {
  error: "write one of {generate: {}}, {stack: …}, {certificate: …, privateKey: …} or {existing: true}",
});

/** The name ends up in those of resources, behind a cluster's name and "intermediate". */
function rootNameFault(name: string): Verdict | undefined {
  if (!/^[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?$/.test(name)) {
    return {
      problem: "is no name of a root",
      remedy: "use lower-case letters, digits and '-', with a letter or digit at both ends, 31 characters at most",
    };
  }
  return name.includes("intermediate")
    ? { problem: "is taken for an intermediate's name", remedy: "write another one, such as the year: 2027" }
    : undefined;
}

function certificateFault(pem: string): Verdict | undefined {
  const count = pem.split("-----BEGIN CERTIFICATE-----").length - 1;
  if (count !== 1) {
    return {
      problem: count === 0 ? "is no PEM certificate" : `holds ${String(count)} certificates`,
      remedy: "give the root's certificate alone, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    };
  }
  try {
    return new X509Certificate(pem).ca
      ? undefined
      : { problem: "is no certificate of a CA", remedy: "give one with the basic constraint CA:TRUE" };
  } catch {
    return { problem: "is no readable certificate", remedy: "give the whole PEM text, line breaks included" };
  }
}

function privateKeyFault(pem: string): Verdict | undefined {
  if (pem.includes("ENCRYPTED")) {
    return {
      problem: "is protected by a passphrase",
      remedy: "give the key without one (`openssl pkey -in FILE`), as a Pulumi secret: it is encrypted there",
    };
  }
  try {
    createPrivateKey(pem);
    return undefined;
  } catch {
    return {
      problem: "is no PEM private key",
      remedy: "give the root's private key from -----BEGIN … PRIVATE KEY----- to its END line, as a secret",
    };
  }
}
