import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  type Check,
  checks,
  checkSource,
  type Finding,
  jsonReport,
  junitReport,
  prechecks,
  Report,
  type Source,
  textReport,
} from "../../../checks";
import { foreign } from "../printable/foreign";

const source: Source = { kind: "stack", name: "dev", mesh: { clusters: [], expected: {} } };

const check = (id: string, ...list: Finding[]): Check => ({
  id,
  title: `${id} holds`,
  run: () => Promise.resolve(list),
});
const passed: Finding = { status: "passed", cluster: "east", message: "as it should be" };
const failed: Finding = { status: "failed", cluster: "west", message: "a < b & c", remedy: "Make it <so>." };
const warning: Finding = { status: "warning", message: "not for long", remedy: "Renew it." };
const unknown: Finding = { status: "unknown", cluster: "east", message: "no answer", remedy: "Look there." };
const hollow: Finding = { status: "notObservable", cluster: "east", message: "nothing runs" };

const report = (...all: Check[]) => checkSource(source, "check", all);

describe("the exit code", () => {
  it.each([
    [0, [passed, warning, hollow]],
    [1, [passed, unknown, failed]],
    [2, [passed, unknown, warning]],
    [0, []],
  ])("is %i for %o", async (code, list) => {
    expect((await report(check("a", ...list))).exitCode).toBe(code);
  });

  it("is 2 where a check itself breaks down, and the others are put all the same", async () => {
    const broken: Check = { ...check("broken"), run: () => Promise.reject(new Error("undefined is not a function")) };
    const { exitCode, checks: results } = await report(broken, check("a", passed));
    expect(exitCode).toBe(2);
    expect(results.map(({ id, status }) => [id, status])).toEqual([
      ["broken", "unknown"],
      ["a", "passed"],
    ]);
  });
});

describe("the text", () => {
  it("has a line a check, what does not hold, and what to do", async () => {
    const text = textReport(await report(check("a", passed), check("b", passed, failed)), {
      colour: false,
      verbose: false,
    });
    expect(text.replace(/\(\d+\.\d s\)/, "(… s)")).toBe(`stack dev: no clusters to look at
ok              a holds (a)
FAILED          b holds (b)
  FAILED: west: a < b & c
    → Make it <so>.
  See docs/troubleshooting.md#b

1 ok, 1 FAILED (… s)
`);
  });

  it("tells of what holds when asked, and once of what is the same in several clusters", async () => {
    const text = textReport(await report(check("a", passed, { ...passed, cluster: "west" })), {
      colour: false,
      verbose: true,
    });
    expect(text).toContain("  ok: east, west: as it should be\n");
  });

  it("is the same with colours taken out", async () => {
    const all = await report(check("a", passed), check("b", failed), check("c", hollow));
    const [plain, painted] = [false, true].map((colour) => textReport(all, { colour, verbose: true }));
    expect(painted).not.toBe(plain);
    expect(stripVTControlCharacters(painted ?? "")).toBe(plain);
  });
});

describe("the JSON", () => {
  it("is as its schema says, which is published and stays as it is", async () => {
    const all = await report(check("a", passed, warning), check("b", failed, unknown, hollow));
    expect(Report.parse(JSON.parse(jsonReport(all)))).toEqual(all);
    const published = readFileSync(join(__dirname, "../../../checks/report.schema.json"), "utf8");
    expect(JSON.parse(published)).toEqual(z.toJSONSchema(Report));
  });

  it("names checks by ids that are each another one", () => {
    for (const list of [checks, prechecks]) {
      const ids = list.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.every((id) => /^[a-z]+(-[a-z]+)*$/.test(id))).toBe(true);
    }
  });
});

describe("JUnit's XML", () => {
  it("has a suite a check and a case a cluster, and escapes what it quotes", async () => {
    const xml = junitReport(await report(check("a", passed, failed), check("b", unknown), check("c", hollow)));
    expect(xml).toContain('<testsuites tests="4" failures="1" errors="1" skipped="1">');
    expect(xml).toContain('<testcase classname="flatmesh.a" name="west">');
    expect(xml).toContain("<failure");
    expect(xml).toContain('<property name="see" value="docs/troubleshooting.md#a"/>');
    expect(xml.match(/See docs\/troubleshooting\.md#[ab]\b/g)).toHaveLength(2);
    expect(xml).toMatch(/a < b & c|a &lt; b &amp; c/);
    expect(xml).not.toMatch(/message="[^"]*</);
  });
});

describe("what a cluster has said", () => {
  const said = (text: string) =>
    checkSource({ ...source, name: text }, "check", [
      check(
        "a",
        { status: "failed", cluster: text, message: text, remedy: text },
        { status: "unknown", cluster: `${text}.`, message: text, remedy: text },
        { status: "warning", message: text, remedy: text },
      ),
    ]);
  const attacks = [
    "\u001b[2Jall is well",
    "\u202efdp.exe",
    "\ud800",
    "\ufffe",
    "]]> and ]]>",
    "\n::add-mask::a",
    "##[group]",
  ];

  it("is shown in the text, on lines of its own, and is obeyed by no terminal", async () => {
    await fc.assert(
      fc.asyncProperty(foreign, async (text) => {
        const shown = textReport(await said(text), { colour: false, verbose: true });
        expect(shown).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\p{Cs}|##\[/u);
        // The stack, the check, two clusters and what is between them, each with a remedy, where to read on, and the sum.
        expect(shown.split("\n").filter((line) => /^ {0,4}\S/.test(line))).toHaveLength(1 + 1 + 3 * 2 + 1 + 1);
      }),
    );
    const text = textReport(await said("gone\nok              b holds (b)\u001b[1A"), {
      colour: false,
      verbose: false,
    });
    expect(text).toContain("gone\n      ok              b holds (b)\\x1b[1A\n");
  });

  it("leaves JUnit's XML one that a strict parser reads, with the words in it", async () => {
    const read = (xml: string) => {
      const texts: string[] = [];
      const parser = new SaxesParser();
      parser.on("error", (error) => {
        throw error;
      });
      parser.on("text", (text) => texts.push(text));
      parser.on("cdata", (text) => texts.push(text));
      parser.write(xml).close();
      return texts.join("");
    };
    for (const text of attacks) {
      read(junitReport(await said(text)));
    }
    await fc.assert(
      fc.asyncProperty(foreign, async (text) => {
        read(junitReport(await said(text)));
      }),
    );
    expect(read(junitReport(await said("a\u0000b]]>c]]>")))).toContain("a\\x00b]]\\x3ec]]\\x3e");
  });

  it("is in the JSON as it was, with nothing in the clear that a terminal or a runner obeys", async () => {
    for (const text of attacks) {
      const json = jsonReport(await said(text));
      expect(Report.parse(JSON.parse(json)).checks[0]?.findings[0]?.message).toBe(text);
      expect(json).not.toMatch(/[\x7f-\x9f\u202e]|\p{Cs}|##\[/u);
    }
  });

  it.each([
    ["text", (all: Report) => textReport(all, { colour: false, verbose: true })],
    ["JSON", jsonReport],
    ["XML", junitReport],
  ])("is cut in the %s where it is too long", async (_format, render) => {
    expect(render(await said("x".repeat(1_000_000))).length).toBeLessThan(100_000);
  });
});
