import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderProblem, openToOthers, ownFolder } from "../../../files";

const isRoot = process.getuid?.() === 0;
const somebodyElse = 12_345;

let above: string;
let folder: string;
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), "flatmesh-own-"));
  folder = join(above, "it's a cache");
});
afterEach(() => {
  rmSync(above, { recursive: true });
});

/** Runs the first command of a message, as the user would. */
function repair(message: string | undefined): void {
  const [, command = ""] = /`(.+?)`/.exec(message ?? "") ?? [];
  execFileSync("sh", ["-c", command], { stdio: "inherit" });
}

describe("ownFolder", () => {
  it("makes a folder that is closed to all others, with what is above it", () => {
    const deep = join(folder, "deep");
    expect(ownFolder(deep)).toBeUndefined();
    expect([folder, deep].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it("closes one that others could only read", () => {
    mkdirSync(folder, { mode: 0o755 });
    expect(ownFolder(folder)).toBeUndefined();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it.each([0o775, 0o707, 0o777])(
    "refuses one of mode %o with the command that repairs it, all that is in it too",
    (mode) => {
      mkdirSync(join(folder, "in it"), { recursive: true });
      [folder, join(folder, "in it")].forEach((path) => {
        chmodSync(path, mode);
      });
      const fault = ownFolder(folder);
      expect(fault).toContain(`${folder} is writable by others (mode ${mode.toString(8)})`);
      expect(statSync(folder).mode & 0o777).toBe(mode);
      repair(fault);
      expect(ownFolder(folder)).toBeUndefined();
      expect(openToOthers(join(folder, "in it"))).toBeUndefined();
    },
  );

  it.runIf(isRoot)("refuses one of another user", () => {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, somebodyElse, somebodyElse);
    const fault = ownFolder(folder);
    expect(fault).toContain(`${folder} belongs to another user (${String(somebodyElse)})`);
    repair(fault);
    expect(ownFolder(folder)).toBeUndefined();
  });

  it("refuses a link, wherever it leads, and leaves that alone", () => {
    const target = join(above, "target");
    mkdirSync(target, { mode: 0o755 });
    symlinkSync(target, folder);
    const fault = ownFolder(folder);
    expect(fault).toContain(`${folder} is a symbolic link`);
    repair(fault);
    expect(ownFolder(folder)).toBeUndefined();
    expect(statSync(target).mode & 0o777).toBe(0o755);
  });

  it("refuses a link that leads nowhere", () => {
    symlinkSync(join(above, "nothing"), folder);
    expect(ownFolder(folder)).toContain(`${folder} is a symbolic link`);
    expect(existsSync(join(above, "nothing"))).toBe(false);
  });

  it("refuses a file", () => {
    writeFileSync(folder, "");
    const fault = ownFolder(folder);
    expect(fault).toContain(`${folder} is not a folder`);
    repair(fault);
    expect(ownFolder(folder)).toBeUndefined();
  });
});

describe("folderProblem", () => {
  it("has nothing against a folder that isn't there, and doesn't make it", () => {
    expect(folderProblem(folder)).toBeUndefined();
    expect(existsSync(folder)).toBe(false);
  });
});

describe("openToOthers", () => {
  it("says who else could have written to a file", () => {
    const file = join(above, "file");
    writeFileSync(file, "", { mode: 0o755 });
    expect(openToOthers(file)).toBeUndefined();
    chmodSync(file, 0o775);
    expect(openToOthers(file)).toBe("is writable by others (mode 775)");
    symlinkSync(file, join(above, "link"));
    expect(openToOthers(join(above, "link"))).toBe("is a symbolic link");
  });
});
