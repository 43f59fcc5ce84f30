import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Draft } from "../draft";
import type { Faults } from "../faults";
import { resolveRoot } from "../root";

const day = 24 * 60 * 60 * 1000;

/** Lifetimes and renewals of the root and the intermediates agree, and a given root's key is that of its certificate. */
export function checkRoot({ whole, names }: Draft, stack: string | undefined, now: Date, faults: Faults): void {
  if (whole.root === undefined) {
    return;
  }
  const root = resolveRoot(whole.root);
  if (root.source === "existing") {
    return;
  }
  if (root.source === "stack") {
    checkOtherStack(root.stack, stack, faults);
    return;
  }
  const at = root.source === "generate" ? "root.generate" : "root";
  checkIssueFor(`${at}.issueFor`, root.issueFor, names, faults);
  checkRenewal(`${at}.renewBeforeDays`, root.renewBeforeDays, root.intermediateValidityDays, faults);
  if (root.source === "generate") {
    checkNames(whole.root, faults);
    checkRenewal(`${at}.rootRenewBeforeDays`, root.rootRenewBeforeDays, root.rootValidityDays, faults);
    checkIntermediate(at, root.intermediateValidityDays, root.rootValidityDays, faults);
  }
  if (root.source === "given") {
    const certificate = new X509Certificate(root.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(root.privateKey))) {
      faults.add({
        path: "root.privateKey",
        problem: "is not the key of root.certificate",
        remedy: "give the certificate and the private key of one and the same CA",
      });
    }
    const from = Date.parse(certificate.validFrom);
    const to = Date.parse(certificate.validTo);
    if (to <= now.getTime()) {
      faults.add({
        path: "root.certificate",
        problem: `has expired on ${new Date(to).toISOString().slice(0, 10)}`,
        remedy: "give a root that is still valid",
      });
    }
    checkIntermediate(at, root.intermediateValidityDays, Math.floor((to - from) / day), faults);
    if (root.alsoTrusted.some((also) => new X509Certificate(also).publicKey.equals(certificate.publicKey))) {
      faults.add({
        path: "root.alsoTrusted[0]",
        problem: "is the root that signs (root.certificate)",
        remedy: "give the certificate of the other root, or leave alsoTrusted out",
      });
    }
  }
}

function checkNames(root: NonNullable<Draft["whole"]["root"]>, faults: Faults): void {
  if (!("generate" in root)) {
    return;
  }
  const trusted = root.trusted.map(String);
  if (new Set(trusted).size < trusted.length) {
    faults.add({ path: "root.trusted", problem: "names a root twice", remedy: "list each once" });
  }
  if (trusted.length + root.alsoTrusted.length > 2) {
    faults.add({
      path: "root.alsoTrusted",
      problem: "is a third root",
      remedy: "let two be trusted at most: finish one replacement before the next",
    });
  }
  if (root.signing === undefined && trusted.length > 1) {
    faults.add({
      path: "root.signing",
      problem: "is missing, since two roots are trusted",
      remedy: `write which of them signs: ${trusted.join(" or ")}`,
    });
  }
  if (root.signing !== undefined && !trusted.includes(String(root.signing))) {
    faults.add({
      path: "root.signing",
      value: root.signing,
      problem: "is not trusted: nobody would accept what it signs",
      remedy: `write ${trusted.join(" or ")}, or add it to root.trusted and run pulumi up before it signs`,
    });
  }
}

function checkOtherStack(value: string, stack: string | undefined, faults: Faults): void {
  if (value === stack) {
    faults.add({
      path: "root.stack",
      value,
      problem: "is this stack itself",
      remedy: "name another stack, or write root: {generate: {}}",
    });
  }
}

function checkRenewal(path: string, value: number, validity: number, faults: Faults): void {
  if (value >= validity) {
    faults.add({
      path,
      value,
      problem: `is no shorter than the lifetime, ${String(validity)} days: every update would renew`,
      remedy: `write less than ${String(validity)}, a quarter of it or so`,
    });
  }
}

function checkIntermediate(at: string, value: number, rootValidity: number, faults: Faults): void {
  if (value > rootValidity) {
    faults.add({
      path: `${at}.intermediateValidityDays`,
      value,
      problem: `is longer than the root lives, ${String(rootValidity)} days`,
      remedy: `write ${String(rootValidity)} or less, or take a root that lives longer`,
    });
  }
}

function checkIssueFor(path: string, clusters: readonly string[], own: readonly string[], faults: Faults): void {
  clusters.forEach((value, index) => {
    if (own.includes(value) || clusters.indexOf(value) < index) {
      faults.add({
        path: `${path}[${String(index)}]`,
        value,
        problem: own.includes(value)
          ? "is a cluster of this stack, which has its intermediate anyway"
          : "is listed twice",
        remedy: "list clusters of other stacks, each once",
      });
    }
  });
}
