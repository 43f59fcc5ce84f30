import { createPrivateKey, X509Certificate } from "node:crypto";
import { z } from "zod";
import type { Verdict } from "../faults";
import { notes } from "./notes";
import { dnsLabel, judged, stackName } from "./texts";

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

const generate = z
  .strictObject({
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
      .describe("The stack makes the root itself; its key stays in the stack's state, encrypted"),
  })
  .register(notes, { title: "a generated root" });

const ofStack = z
  .strictObject({
    stack: stackName.describe(
      "The root is that of another stack, by its full name. It signs the intermediates: list the clusters in `issueFor` there",
    ),
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
    ...intermediates,
    issueFor,
  })
  .register(notes, { title: "a given root" });

const existing = z
  .strictObject({
    existing: z.literal(true).describe("Someone else, such as cert-manager, keeps the secret cacerts of every cluster"),
  })
  .register(notes, { title: "cacerts that someone else keeps" });

/** Where the root of trust comes from. */
export const root = z.union([generate, ofStack, given, existing], {
  error: "write one of {generate: {}}, {stack: …}, {certificate: …, privateKey: …} or {existing: true}",
});

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
