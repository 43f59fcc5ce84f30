import { z } from "zod";
import { isKeyOf } from "../certificates";
import { fipsProblem, privateKey, readKey, readRoot, rootCertificate, timeProblem } from "./certificates";
import { checkedString, days, dnsLabel, lineOfText, reportTo, stackName } from "./formats";
import type { PartialConfig, Report } from "./issues";
import type { EveryRootSettings, IntermediateSettings, RootSettings } from "./settings";

/** Name of the root that a stack makes if its settings name none. */
export const firstRoot = "first";

/** Lifetimes that a stack leaves out, in days. A shorter-lived root or intermediate shortens them. */
const usual = { intermediateValidity: 730, renewBefore: 90, rootRenewBefore: 365 };

/** What the stack decides wherever it signs the intermediates itself. */
const intermediates = {
  algorithm: z
    .enum(["ECDSA", "RSA"])
    .default("ECDSA")
    .describe("Kind of the keys that the stack makes: P-256, or 4096 bits"),
  intermediateValidityDays: days(1).optional().meta({
    description: "Lifetime of a cluster's intermediate certificate",
    fallback: "730, or the root's if that is less",
  }),
  renewBeforeDays: days(0).optional().meta({
    description: "How long before its end `pulumi up` renews an intermediate",
    fallback: "90, or a quarter of the lifetime if that is less",
  }),
};

const issueFor = z
  .array(dnsLabel)
  .default([])
  .describe("Clusters of other stacks, which take this stack's root (`root.stack`), to sign intermediates for");

/** Name of a root. It becomes part of the names of resources, behind a cluster's name and "intermediate". */
export const rootNameText = checkedString((name) => {
  if (!/^[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?$/.test(name)) {
    return {
      problem: "is not a valid name of a root",
      remedy: "use lower-case letters, digits and '-', with a letter or digit at both ends, 31 characters at most",
    };
  }
  return name.includes("intermediate")
    ? { problem: "could be taken for the name of an intermediate", remedy: "write another one, such as the year: 2027" }
    : undefined;
});

/** The same as settings give it: YAML makes numbers of years. */
const rootName = z.union([rootNameText, z.int().min(0, { error: "write 0 or more" })], {
  error: "write a name of lower-case letters, digits and '-', such as 2027",
});

/** What goes with every form. */
const everyForm = {
  reissue: z
    .union([lineOfText, z.number().min(0, { error: "write 0 or more" })], {
      error:
        "write any text that it did not have before, such as 2027-stage-1 or 2027-03-01T12:00:00Z: certificates are reissued once " +
        "for each",
    })
    .optional()
    .meta({
      description:
        "Whenever this differs from its last value, `pulumi up` reissues every workload's certificate: ztunnel restarts, one " +
        "cluster after the other",
      fallback: "by their lifetime",
    }),
  unverified: rootName.optional().meta({
    description:
      "Name of a root that this `pulumi up` may sign with, or no longer trust, although some cluster can't be inspected, or a " +
      "stage is skipped",
    fallback: "refused",
  }),
};

const alsoTrusted = z
  .array(rootCertificate.meta({ secret: true }))
  .max(1, { error: "give one at most: finish one replacement before the next" })
  .default([])
  .describe("Certificate of someone else's root that every cluster trusts while one replaces the other, PEM");

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
    signing: rootName.optional().meta({
      description: "The one of them that signs the intermediates",
      fallback: "the one in `trusted`, if there is only one",
    }),
    generate: z
      .strictObject({
        rootValidityDays: days(1).default(3650).describe("Lifetime of the root certificate"),
        rootRenewBeforeDays: days(0).optional().meta({
          description: "How long before its end `pulumi up` renews the root",
          fallback: "365, or a quarter of the lifetime if that is less",
        }),
        ...intermediates,
        issueFor,
      })
      .describe("The stack makes the roots itself; their keys stay in the stack's state, encrypted"),
    alsoTrusted,
    ...everyForm,
  })
  .meta({ title: "a generated root" });

const ofStack = z
  .strictObject({
    stack: stackName.describe(
      "The root is that of another stack, by its full name. It signs the intermediates: list the clusters in `issueFor` there",
    ),
    ...everyForm,
  })
  .meta({ title: "the root of another stack" });

const given = z
  .strictObject({
    certificate: rootCertificate.meta({ description: "The root is given: its certificate, PEM", secret: true }),
    privateKey: privateKey.meta({ description: "Its private key, PEM without passphrase; a secret", secret: true }),
    alsoTrusted,
    ...intermediates,
    issueFor,
    ...everyForm,
  })
  .meta({ title: "a given root" });

const existing = z
  .strictObject({
    existing: z.literal(true).describe("Someone else, such as cert-manager, keeps the secret cacerts of every cluster"),
    ...everyForm,
  })
  .meta({ title: "cacerts that someone else keeps" });

/** Where the root of trust comes from. */
export const root = z
  .union([generate, ofStack, given, existing], {
    error: "write one of {generate: {}}, {stack: …}, {certificate: …, privateKey: …} or {existing: true}",
  })
  .superRefine((setting, context) => {
    if (context.issues.every(({ code }) => code === "unrecognized_keys")) {
      checkRoot(setting, reportTo(context));
    }
  });

export type RootInput = z.output<typeof root>;

/** Which of its forms the root has, with every lifetime filled in. */
export function resolveRoot(root: RootInput): RootSettings {
  const { reissue, unverified } = root;
  const everyForm: EveryRootSettings = { reissue: reissue?.toString(), unverified: unverified?.toString() };
  if ("existing" in root) {
    return { source: "existing", ...everyForm };
  }
  if ("stack" in root) {
    return { source: "stack", stack: root.stack, ...everyForm };
  }
  if ("certificate" in root) {
    const { certificate, pem } = readRoot(root.certificate);
    return {
      source: "given",
      certificate: pem,
      privateKey: readKey(root.privateKey).pem,
      alsoTrusted: also(root.alsoTrusted),
      issueFor: root.issueFor,
      ...resolveIntermediates(root, lifetimeOf(certificate)),
      ...everyForm,
    };
  }
  const { rootValidityDays, rootRenewBeforeDays = early(usual.rootRenewBefore, rootValidityDays) } = root.generate;
  const trusted = root.trusted.map(String);
  return {
    source: "generate",
    trusted,
    signing: String(root.signing ?? trusted[0]),
    alsoTrusted: also(root.alsoTrusted),
    rootValidityDays,
    rootRenewBeforeDays,
    issueFor: root.generate.issueFor,
    ...resolveIntermediates(root.generate, rootValidityDays),
    ...everyForm,
  };
}

function also(texts: readonly string[]): string[] {
  return texts.map((text) => readRoot(text).pem);
}

/** Whole days from the begin of a certificate to its end, but one at least. */
function lifetimeOf({ validFrom, validTo }: { readonly validFrom: string; readonly validTo: string }): number {
  return Math.max(1, Math.floor((Date.parse(validTo) - Date.parse(validFrom)) / day));
}

interface IntermediateInput {
  readonly algorithm: "ECDSA" | "RSA";
  readonly intermediateValidityDays?: number | undefined;
  readonly renewBeforeDays?: number | undefined;
}

function resolveIntermediates(input: IntermediateInput, rootValidityDays: number): IntermediateSettings {
  const { algorithm, intermediateValidityDays = Math.min(usual.intermediateValidity, rootValidityDays) } = input;
  const { renewBeforeDays = early(usual.renewBefore, intermediateValidityDays) } = input;
  return { algorithm, intermediateValidityDays, renewBeforeDays };
}

function early(days: number, validity: number): number {
  return Math.min(days, Math.floor(validity / 4));
}

const day = 24 * 60 * 60 * 1000;

/** Names and lifetimes agree, and a given root's key is that of its certificate. Paths are relative to the root. */
function checkRoot(setting: RootInput, report: Report): void {
  const root = resolveRoot(setting);
  if (root.source === "generate") {
    const { intermediateValidityDays, renewBeforeDays, rootValidityDays, rootRenewBeforeDays } = root;
    checkRenewal(["generate", "renewBeforeDays"], renewBeforeDays, intermediateValidityDays, report);
    checkNames(setting, report);
    checkRenewal(["generate", "rootRenewBeforeDays"], rootRenewBeforeDays, rootValidityDays, report);
    checkIntermediate(["generate"], intermediateValidityDays, rootValidityDays, report);
  }
  if (root.source === "given") {
    const { certificate } = readRoot(root.certificate);
    checkRenewal(["renewBeforeDays"], root.renewBeforeDays, root.intermediateValidityDays, report);
    if (!isKeyOf(readKey(root.privateKey).key, certificate)) {
      report({
        path: ["privateKey"],
        problem: "is not the key of root.certificate",
        remedy: "give the certificate and the private key of one and the same CA",
      });
    }
    checkIntermediate([], root.intermediateValidityDays, lifetimeOf(certificate), report);
    if (root.alsoTrusted.some((one) => readRoot(one).certificate.publicKey.equals(certificate.publicKey))) {
      report({
        path: ["alsoTrusted", 0],
        problem: "is the root that signs (root.certificate)",
        remedy: "give the certificate of the other root, or leave alsoTrusted out",
      });
    }
  }
}

function checkNames(root: RootInput, report: Report): void {
  if (!("generate" in root)) {
    return;
  }
  const trusted = root.trusted.map(String);
  if (new Set(trusted).size < trusted.length) {
    report({ path: ["trusted"], problem: "names a root twice", remedy: "list each once" });
  }
  if (trusted.length + root.alsoTrusted.length > 2) {
    report({
      path: ["alsoTrusted"],
      problem: "is a third root",
      remedy: "let two be trusted at most: finish one replacement before the next",
    });
  }
  if (root.signing === undefined && trusted.length > 1) {
    report({
      path: ["signing"],
      problem: "is missing, since two roots are trusted",
      remedy: `write which of them signs: ${trusted.join(" or ")}`,
    });
  }
  if (root.signing !== undefined && !trusted.includes(String(root.signing))) {
    report({
      path: ["signing"],
      value: root.signing,
      problem: "is not trusted: nobody would accept what it signs",
      remedy: `write ${trusted.join(" or ")}, or add it to root.trusted and run pulumi up before it signs`,
    });
  }
}

function checkRenewal(path: PropertyKey[], value: number, validity: number, report: Report): void {
  if (value >= validity) {
    report({
      path,
      value,
      problem: `is not shorter than the lifetime, ${String(validity)} days: every update would renew`,
      remedy: `write less than ${String(validity)}, a quarter of it or so`,
    });
  }
}

function checkIntermediate(at: PropertyKey[], value: number, rootValidity: number, report: Report): void {
  if (value > rootValidity) {
    report({
      path: [...at, "intermediateValidityDays"],
      value,
      problem: `is longer than the lifetime of the root, ${String(rootValidity)} days`,
      remedy: `write ${String(rootValidity)} or less, or take a root that lives longer`,
    });
  }
}

/** The root agrees with the rest of the stack's settings, and with the calendar. */
export function checkRootOfStack(
  { valid, names }: PartialConfig,
  stack: string | undefined,
  now: Date,
  report: Report,
): void {
  const { root } = valid;
  if (root === undefined || "existing" in root) {
    return;
  }
  if ("stack" in root) {
    if (root.stack === stack) {
      report({
        path: ["root", "stack"],
        value: root.stack,
        problem: "is this stack itself",
        remedy: "name another stack, or write root: {generate: {}}",
      });
    }
    return;
  }
  const roots: [path: PropertyKey[], text: string][] = root.alsoTrusted.map((text, index) => [
    ["alsoTrusted", index],
    text,
  ]);
  if ("certificate" in root) {
    roots.push([["certificate"], root.certificate]);
  }
  const fips = valid.variant?.startsWith("fips") ?? false;
  for (const [path, text] of roots) {
    const found = timeProblem(text, now) ?? (fips ? fipsProblem(text) : undefined);
    if (found) {
      report({ path: ["root", ...path], ...found });
    }
  }
  if ("generate" in root) {
    checkIssueFor(["root", "generate", "issueFor"], root.generate.issueFor, names, report);
  } else {
    checkIssueFor(["root", "issueFor"], root.issueFor, names, report);
  }
}

function checkIssueFor(path: PropertyKey[], clusters: readonly string[], own: readonly string[], report: Report): void {
  clusters.forEach((value, index) => {
    if (own.includes(value) || clusters.indexOf(value) < index) {
      report({
        path: [...path, index],
        value,
        problem: own.includes(value)
          ? "is a cluster of this stack, which has its intermediate anyway"
          : "is listed twice",
        remedy: "list clusters of other stacks, each once",
      });
    }
  });
}
