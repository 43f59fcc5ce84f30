/**
 * The checks of the licence-free distribution, over the rehearsal of Pulumi.community.yaml, as checks.test.ts has those of the
 * other.
 */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checks, type Finding, fromRehearsal, runChecks } from "../../checks";
import { projectFolder } from "../../rehearsal/program";
import { readStackFile } from "../../rehearsal/stack-file";
import { communityGlobalServiceFaults } from "./checks/global-services";
import { remoteSecretFaults } from "./checks/remote-secrets";
import { Environment } from "./environment";

const faults = [...remoteSecretFaults, ...communityGlobalServiceFaults];

let environment: Environment;
beforeAll(async () => {
  environment = await Environment.open();
  await environment.rehearse(await readStackFile(projectFolder, "community"));
});
afterAll(() => environment.down());

/** What a check finds by now. */
async function find(...ids: string[]): Promise<readonly Finding[]> {
  const { mesh } = fromRehearsal(environment.folder, "community");
  const chosen = ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
  return (await runChecks(chosen, mesh)).flatMap(({ findings }) => findings);
}

it("has nothing against it as it is", async () => {
  const findings = await find();
  expect(findings.filter(({ status }) => ["failed", "warning", "unknown"].includes(status))).toEqual([]);
  expect(findings.map(({ message }) => message)).toContainEqual(expect.stringMatching(/which its API server takes$/));
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
