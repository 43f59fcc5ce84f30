import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { whenUnavailable } from "../../../preflight";
import { type DatumKind, withoutDatum } from "../../../preflight/unavailable";
import { projectFolder } from "../../../rehearsal/program";

const kinds = Object.keys(whenUnavailable) as DatumKind[];

describe("the table of what a missing datum means", () => {
  it.each(kinds)("is what decides about %s", (kind) => {
    const folder = join(projectFolder, "preflight");
    const code = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && file !== "unavailable.ts")
      .map((file) => readFileSync(join(folder, file), "utf8"));
    expect(code.some((text) => text.includes("withoutDatum") && text.includes(`"${kind}"`))).toBe(true);
  });

  it.each(kinds)("gives %s the severity that it says", (kind) => {
    const severities = { refuse: ["error"], warn: ["warning"], keep: [] };
    for (const run of ["preview", "update"] as const) {
      const problems = withoutDatum(kind, run, "It can't be read.", "docs/preflight.md#what-could-not-be-looked-at");
      expect(problems.map(({ severity }) => severity)).toEqual(severities[whenUnavailable[kind][run]]);
    }
  });

  it("never has an update do with less than a preview", () => {
    const order = ["keep", "warn", "refuse"];
    for (const { preview, update } of Object.values(whenUnavailable)) {
      expect(order.indexOf(update)).toBeGreaterThanOrEqual(order.indexOf(preview));
    }
  });
});
