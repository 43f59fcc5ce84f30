import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromRehearsal } from "../../../checks";
import { Console } from "../../../rehearsal/console";
import { projectFolder } from "../../../rehearsal/program";
import { rehearse } from "../../../rehearsal/rehearse";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-rehearsal-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("no check follows the kubeconfigs of a rehearsal that others could have written to", () => {
  writeFileSync(join(folder, "outputs.json"), "{}");
  chmodSync(folder, 0o777);
  expect(() => fromRehearsal(folder, "dev")).toThrow(
    `The rehearsal of stack dev can't be checked. ${folder} is writable by others (mode 777)`,
  );
  chmodSync(folder, 0o755);
  expect(() => fromRehearsal(folder, "dev")).not.toThrow("may be written to by others");
});

const keys = { clusters: [{ name: "only", provisioner: "kwok" }], distribution: "community" };

it.each([
  [
    "that others may write to",
    (path: string) => {
      chmodSync(path, 0o777);
    },
    "is writable by others (mode 777)",
  ],
  [
    "that is a link",
    (path: string) => {
      rmSync(path, { recursive: true });
      symlinkSync("/tmp", path);
    },
    "is a symbolic link",
  ],
])("no rehearsal is kept in a folder %s, and nothing is done before that is said", async (_, open, fault) => {
  open(folder);
  const mode = statSync("/tmp").mode;
  await expect(rehearse({ stack: "test", keys, project: projectFolder, folder }, new Console())).rejects.toThrow(
    `The rehearsal can't use its folder. ${folder} ${fault}`,
  );
  expect(statSync("/tmp").mode).toBe(mode);
  expect(readdirSync(folder)).not.toContain("running");
});
