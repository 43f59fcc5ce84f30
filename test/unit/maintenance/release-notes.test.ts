import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { releaseNotes } from "../../../maintenance/release-notes";
import { projectFolder } from "../../../rehearsal/program";

const changelog = `# Changelog

## [Unreleased]

## [0.2.0] - 2026-11-28

Words on it.

### Added

- A thing.

## [0.1.0] - 2026-11-26

- The first.
`;

describe("the notes of a release", () => {
  it("are the changelog's section of its version", () => {
    expect(releaseNotes("v0.2.0", "0.2.0", changelog)).toBe("Words on it.\n\n### Added\n\n- A thing.\n");
    expect(releaseNotes("v0.1.0", "0.1.0", changelog)).toBe("- The first.\n");
  });

  it("are refused for a tag that is not package.json's version", () => {
    expect(() => releaseNotes("v0.3.0", "0.2.0", changelog)).toThrow(
      "package.json has version 0.2.0, whose tag is v0.2.0, not v0.3.0.",
    );
    expect(() => releaseNotes("0.2.0", "0.2.0", changelog)).toThrow("v0.2.0, not 0.2.0.");
  });

  it.each([
    ["no section", "0.3.0", changelog],
    ["two of them", "0.2.0", `${changelog}\n## [0.2.0] - 2026-11-29\n\n- Again.\n`],
    ["an empty one", "0.2.0", changelog.replace(/Words[^]*thing\.\n/, "")],
    ["one without a date", "0.2.0", changelog.replace(" - 2026-11-28", "")],
  ])("are refused where the changelog has %s", (_case, version, text) => {
    expect(() => releaseNotes(`v${version}`, version, text)).toThrow(
      `CHANGELOG.md needs one section "## [${version}] - YYYY-MM-DD" that describes the changes.`,
    );
  });

  it("are there for the version that package.json has", () => {
    const [own, text] = ["package.json", "CHANGELOG.md"].map((file) => readFileSync(join(projectFolder, file), "utf8"));
    const { version } = JSON.parse(own ?? "") as { version: string };
    expect(releaseNotes(`v${version}`, version, text ?? "")).toMatch(/^### /m);
  });
});
