/**
 * The checks, over the rehearsal of Pulumi.dev.yaml: real API servers with everything that the program puts there. Nothing
 * runs in them, so what only pods could tell is told from what holds, and tested in test/unit/checks and test/kind.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checks, type Finding, fromRehearsal, runChecks } from "../../checks";
import { projectFolder } from "../../rehearsal/program";
import { readStackFile } from "../../rehearsal/stack-file";
import { foundationFaults } from "./checks/foundations";
import { globalServiceFaults } from "./checks/global-services";
import { networkNameFaults } from "./checks/network-name";
import { peeringFaults } from "./checks/peering";
import { staleEntryFaults } from "./checks/stale-entries";
import { Environment } from "./environment";

const faults = [
  ...foundationFaults,
  ...networkNameFaults,
  ...peeringFaults,
  ...globalServiceFaults,
  ...staleEntryFaults,
];

let environment: Environment;
beforeAll(async () => {
  environment = await Environment.open();
  await environment.rehearse(await readStackFile(projectFolder, "dev"));
});
afterAll(() => environment.down());

/** What a check finds by now. */
async function find(...ids: string[]): Promise<readonly Finding[]> {
  const { mesh } = fromRehearsal(environment.folder, "dev");
  const chosen = ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
  return (await runChecks(chosen, mesh)).flatMap(({ findings }) => findings);
}

it("has nothing against it as it is", async () => {
  const findings = await find();
  expect(findings.filter(({ status }) => ["failed", "warning", "unknown"].includes(status))).toEqual([]);
});

describe.each(faults)("$check: $fault", ({ check, cluster, status = "failed", message, breaks, mends }) => {
  it("is found, and gone when mended", async () => {
    onTestFinished(() => {
      mends(environment);
    });
    breaks(environment);
    const found = (await find(check)).filter((finding) => finding.status === status);
    expect(found.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
    expect(found.find((finding) => message.test(finding.message))?.cluster).toBe(cluster);
    expect(found.every(({ remedy = "" }) => remedy !== "")).toBe(true);
  });
});
