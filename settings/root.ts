import type { StackInput } from "./schema/keys";
import type { IntermediateSettings, RootSettings } from "./settings";

/** Lifetimes that a stack leaves out, in days. A shorter-lived root or intermediate shortens them. */
const usual = { intermediateValidity: 730, renewBefore: 90, rootRenewBefore: 365 };

/** Which of its forms the root has, with every lifetime filled in. */
export function resolveRoot(root: StackInput["root"]): RootSettings {
  if ("existing" in root) {
    return { source: "existing" };
  }
  if ("stack" in root) {
    return { source: "stack", stack: root.stack };
  }
  if ("certificate" in root) {
    const { certificate, privateKey, issueFor } = root;
    return { source: "given", certificate, privateKey, issueFor, ...intermediates(root) };
  }
  const { rootValidityDays, rootRenewBeforeDays = early(usual.rootRenewBefore, rootValidityDays) } = root.generate;
  return {
    source: "generate",
    rootValidityDays,
    rootRenewBeforeDays,
    issueFor: root.generate.issueFor,
    ...intermediates(root.generate, rootValidityDays),
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
