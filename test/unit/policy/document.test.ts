import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "../../../policy/rules";
import { projectFolder } from "../../../rehearsal/program";

const [, table = ""] =
  /<!-- policies -->([^]*)<!-- \/policies -->/.exec(readFileSync(join(projectFolder, "docs/policies.md"), "utf8")) ??
  [];
const rows = table.split("\n").filter((line) => line.startsWith("| `"));

describe("docs/policies.md's table", () => {
  it("has every policy, in order", () => {
    expect(rows.map((row) => /`([^`]+)`/.exec(row)?.[1])).toEqual(rules.map(({ name }) => name));
  });

  it.each(rules)("has the parameters of $name", ({ parameters }) => {
    const row = rows[rules.findIndex((rule) => rule.parameters === parameters)] ?? "";
    expect(Object.keys(parameters.shape).filter((name) => !row.includes(`\`${name}\``))).toEqual([]);
  });
});
