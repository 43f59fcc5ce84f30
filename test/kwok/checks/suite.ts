import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checks, type Finding, fromRehearsal, runChecks } from "../../../checks";
import { projectFolder } from "../../../rehearsal/program";
import { readStackFile } from "../../../rehearsal/stack-file";
import { Environment } from "../environment";
import type { Fault } from "./fault";

/**
 * The checks, over the rehearsal of a stack: real API servers with everything that the program puts there. Nothing runs in them,
 * so what only pods could tell is told from what holds, and tested in test/unit/checks and test/kind.
 *
 * @param holds What is said of it as it is, for one.
 */
export function testChecks(stack: string, holds: RegExp, faults: readonly Fault[]): void {
  let environment: Environment;
  beforeAll(async () => {
    environment = await Environment.open();
    await environment.rehearse(await readStackFile(projectFolder, stack));
  });
  afterAll(() => environment.down());

  /** What checks find by now. */
  async function find(...ids: string[]): Promise<readonly Finding[]> {
    const { mesh } = fromRehearsal(environment.folder, stack);
    const chosen = ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id));
    return (await runChecks(chosen, mesh)).flatMap(({ findings }) => findings);
  }

  it("have nothing against it as it is", async () => {
    const findings = await find();
    expect(findings.filter(({ status }) => ["failed", "warning", "unknown"].includes(status))).toEqual([]);
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringMatching(holds));
  });

  describe.each(faults)("$check: $fault", ({ check, cluster, status = "failed", message, breaks, mends }) => {
    it("is found, and gone when mended", async () => {
      onTestFinished(async () => {
        await mends(environment);
      });
      await breaks(environment);
      const found = (await find(check)).filter((finding) => finding.status === status);
      expect(found.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
      expect(found.find((finding) => message.test(finding.message))?.cluster).toBe(cluster);
      expect(found.every(({ remedy = "" }) => remedy !== "")).toBe(true);
    });
  });

  it("have nothing against it when all is mended", async () => {
    await expect
      .poll(async () => (await find()).filter(({ status }) => ["failed", "warning", "unknown"].includes(status)), {
        timeout: 60_000,
      })
      .toEqual([]);
  });
}
