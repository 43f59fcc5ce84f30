import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type CheckResult, checks, type Finding, fromRehearsal, runChecks } from "../../../checks";
import { projectFolder } from "../../../rehearsal/program";
import { readStackFile } from "../../../rehearsal/stack-file";
import { Environment } from "../environment";
import { commandsIn, completed } from "./commands";
import type { Fault } from "./fault";
import type { Damage } from "./updates";

/**
 * The checks, over the rehearsal of a stack: real API servers with everything that the program puts there. Nothing runs in them,
 * so what only pods could tell is told from what holds, and tested in test/unit/checks and test/kind.
 *
 * @param holds What is said of it as it is, for one.
 * @param damages What an update mends, each with all of its faults at once.
 * @returns Gives the environment to tests that come after these.
 */
export function testChecks(
  stack: string,
  holds: RegExp,
  faults: readonly Fault[],
  damages: readonly Damage[],
): () => Environment {
  let environment: Environment;
  beforeAll(async () => {
    environment = await Environment.open();
    await environment.rehearse((await readStackFile(projectFolder, stack)).keys);
  });
  afterAll(() => environment.down());

  /** What checks come to by now. */
  async function run(...ids: string[]): Promise<readonly CheckResult[]> {
    const { mesh } = fromRehearsal(environment.folder, stack);
    return runChecks(ids.length === 0 ? checks : checks.filter(({ id }) => ids.includes(id)), mesh);
  }

  async function find(...ids: string[]): Promise<readonly Finding[]> {
    return (await run(...ids)).flatMap(({ findings }) => findings);
  }

  async function expectNothing(): Promise<void> {
    await expect
      .poll(async () => (await find()).filter(({ status }) => ["failed", "warning", "unknown"].includes(status)), {
        timeout: 60_000,
      })
      .toEqual([]);
  }

  it("have nothing against it as it is", async () => {
    const findings = await find();
    expect(findings.filter(({ status }) => ["failed", "warning", "unknown"].includes(status))).toEqual([]);
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringMatching(holds));
  });

  describe.each(faults)("$check: $fault", ({ check, cluster, status = "failed", message, command, breaks, mends }) => {
    it("is found, and gone when mended", async () => {
      let mended = false;
      onTestFinished(async () => {
        if (!mended) {
          await mends(environment);
        }
      });
      await breaks(environment);
      const found = (await find(check)).filter((finding) => finding.status === status);
      expect(found.map((finding) => finding.message)).toContainEqual(expect.stringMatching(message));
      expect(found.find((finding) => message.test(finding.message))?.cluster).toBe(cluster);
      expect(found.every(({ remedy = "" }) => remedy !== "")).toBe(true);
      if (command === true) {
        const [{ remedy = "" } = {}] = found.filter((finding) => message.test(finding.message));
        const commands = commandsIn(remedy);
        expect(commands, remedy).not.toEqual([]);
        for (const line of commands) {
          environment.shell(await completed(line, environment));
        }
        await expect
          .poll(async () => (await find(check)).filter((finding) => message.test(finding.message)), { timeout: 30_000 })
          .toEqual([]);
        mended = true;
      }
    });
  });

  describe.each(damages)("$damage", ({ damaged, found }) => {
    it("is found, and mended by one update", async () => {
      damaged(environment);
      const results = await run();
      for (const [check, cluster, message] of found) {
        const own = results.find(({ id }) => id === check)?.findings ?? [];
        const remedies = own.filter((one) => one.cluster === cluster && message.test(one.message));
        expect(
          remedies.map(({ remedy }) => remedy),
          `${check} ${cluster} ${message.source}`,
        ).toEqual([expect.stringMatching(/pulumi up(?! --)/)]);
      }
      await environment.rehearse((await readStackFile(projectFolder, stack)).keys);
      await expectNothing();
    });
  });

  it("have nothing against it when all is mended", async () => {
    await expectNothing();
  });

  return () => environment;
}
