import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromRehearsal } from "../../../checks";

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
    `The rehearsal of stack dev can't be checked. ${folder} may be written to by others (mode 777)`,
  );
  chmodSync(folder, 0o755);
  expect(() => fromRehearsal(folder, "dev")).not.toThrow("may be written to by others");
});
