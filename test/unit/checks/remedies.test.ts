import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../../../rehearsal/program";
import { certificateFaults } from "../../kwok/checks/certificates";
import type { Fault } from "../../kwok/checks/fault";
import { foundationFaults } from "../../kwok/checks/foundations";
import { communityGlobalServiceFaults, globalServiceFaults } from "../../kwok/checks/global-services";
import { nameAndVersionFaults } from "../../kwok/checks/names-and-versions";
import { networkNameFaults } from "../../kwok/checks/network-name";
import { peeringFaults } from "../../kwok/checks/peering";
import { remoteSecretFaults } from "../../kwok/checks/remote-secrets";
import { sourceAddressFaults } from "../../kwok/checks/source-addresses";
import { staleEntryFaults } from "../../kwok/checks/stale-entries";
import { communityUpdates, updates } from "../../kwok/checks/updates";
import { type Proof, remedies } from "../../support/remedies";
import { remedyTexts } from "../../support/remedy-texts";

const faults: readonly Fault[] = [
  ...certificateFaults,
  ...foundationFaults,
  ...globalServiceFaults,
  ...communityGlobalServiceFaults,
  ...nameAndVersionFaults,
  ...networkNameFaults,
  ...peeringFaults,
  ...remoteSecretFaults,
  ...sourceAddressFaults,
  ...staleEntryFaults,
];

/** Checks whose remedies are run, by how. */
const proven = {
  update: new Set([...updates, ...communityUpdates].flatMap(({ found }) => found.map(([check]) => check))),
  command: new Set(faults.filter(({ command }) => command === true).map(({ check }) => check)),
};

/** Files that several checks use, or parts of one. */
const parts: Readonly<Record<string, string>> = {
  "checks/inventory/each-cluster": "license",
  "checks/mesh/published-roots": "root",
  "readiness/masquerade/agent": "source-addresses",
  "readiness/masquerade/calico": "source-addresses",
  "readiness/masquerade/cilium": "source-addresses",
  "readiness/masquerade/daemons": "source-addresses",
};

function checkOf(file: string): string {
  const [, id = ""] = /\n {2,4}id: "([^"]+)"/.exec(readFileSync(join(projectFolder, `${file}.ts`), "utf8")) ?? [];
  return parts[file] ?? id;
}

/** Undefined if a test runs the remedy, or there is a reason why none does. */
function problemOf(file: string, proof: Proof): string | undefined {
  if (typeof proof === "string") {
    return proven[proof].has(checkOf(file)) ? undefined : `no test of check ${checkOf(file)} has ${proof}`;
  }
  if ("untested" in proof) {
    return proof.untested.length > 20 ? undefined : "no reason";
  }
  const [test, name] = proof;
  return readFileSync(join(projectFolder, test), "utf8").includes(name) ? undefined : `${test} has no test "${name}"`;
}

describe("the remedies of the checks", () => {
  const texts = remedyTexts();

  it("are all in the table, each once", () => {
    const wrong = texts.flatMap(({ file, text }) => {
      const own = (remedies[file] ?? []).filter(([words]) => text.includes(words));
      return text === "…" || own.length > 0 ? [] : [`${file}: ${text}`];
    });
    expect(wrong).toEqual([]);
  });

  const entries = Object.entries(remedies).flatMap(([file, own]) =>
    own.map(([words, ...proofs]) => ({ file, words, proofs })),
  );

  it.each(entries)("$file: $words", ({ file, words, proofs }) => {
    expect(texts.some((one) => one.file === file && one.text.includes(words))).toBe(true);
    expect(proofs).not.toEqual([]);
    expect(proofs.flatMap((proof) => problemOf(file, proof) ?? [])).toEqual([]);
  });
});
