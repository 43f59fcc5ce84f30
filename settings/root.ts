import type { StackInput } from "./schema/keys";
import type { EveryRootSettings, IntermediateSettings, RootSettings } from "./settings";

/** Name of the root that a stack makes which says nothing of names. */
export const firstRoot = "first";

/** Lifetimes that a stack leaves out, in days. A shorter-lived root or intermediate shortens them. */
const usual = { intermediateValidity: 730, renewBefore: 90, rootRenewBefore: 365 };

/** Which of its forms the root has, with every lifetime filled in. */
export function resolveRoot(root: StackInput["root"]): RootSettings {
  if ("existing" in root) {
    return { source: "existing", ...everyForm(root) };
  }
  if ("stack" in root) {
    return { source: "stack", stack: root.stack, ...everyForm(root) };
  }
  if ("certificate" in root) {
    const { certificate, privateKey, alsoTrusted, issueFor } = root;
    return {
      source: "given",
      certificate,
      privateKey,
      alsoTrusted,
      issueFor,
      ...intermediates(root),
      ...everyForm(root),
    };
  }
  const { rootValidityDays, rootRenewBeforeDays = early(usual.rootRenewBefore, rootValidityDays) } = root.generate;
  const trusted = root.trusted.map(String);
  return {
    source: "generate",
    trusted,
    signing: String(root.signing ?? trusted[0]),
    alsoTrusted: root.alsoTrusted,
    rootValidityDays,
    rootRenewBeforeDays,
    issueFor: root.generate.issueFor,
    ...intermediates(root.generate, rootValidityDays),
    ...everyForm(root),
  };
}

interface EveryInput {
  readonly reissue?: string | number | undefined;
  readonly unverified?: string | number | undefined;
}

function everyForm({ reissue, unverified }: EveryInput): EveryRootSettings {
  return {
    ...(reissue !== undefined && { reissue: String(reissue) }),
    ...(unverified !== undefined && { unverified: String(unverified) }),
  };
}

interface IntermediateInput {
  readonly algorithm: "ECDSA" | "RSA";
  readonly intermediateValidityDays?: number | undefined;
  readonly renewBeforeDays?: number | undefined;
}

function intermediates(input: IntermediateInput, rootValidityDays = Infinity): IntermediateSettings {
  const { algorithm, intermediateValidityDays = Math.min(usual.intermediateValidity, rootValidityDays) } = input;
  const { renewBeforeDays = early(usual.renewBefore, intermediateValidityDays) } = input;
  return { algorithm, intermediateValidityDays, renewBeforeDays };
}

function early(days: number, validity: number): number {
  return Math.min(days, Math.floor(validity / 4));
}
