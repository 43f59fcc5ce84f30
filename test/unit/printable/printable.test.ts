import { stripVTControlCharacters } from "node:util";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableBlock, printableJson, printableLine, shortened } from "../../../printable";
import { foreign } from "./foreign";

describe("a printable text", () => {
  it.each([
    ["colours and titles", "\u001b[31mred\u001b]0;x\u0007", "\\x1b[31mred\\x1b]0;x\\x07"],
    ["a carriage return", "all is well\rFAILED", "all is well\\x0dFAILED"],
    ["what turns a text around", "a\u202eb\u2066c", "a\\u202eb\\u2066c"],
    ["what is not to be seen", "a\u200bb\u00adc\u{e0041}", "a\\u200bb\\xadc\\u{e0041}"],
    ["halves of pairs", "a\ud83d b\udc00", "a\\ud83d b\\udc00"],
    ["a runner's commands", "x\n ::add-mask::y\nz ##[group]", "x\n \\x3a:add-mask::y\nz \\x23#[group]"],
    ["the engine's colours", "a <{%boom%}> b", "a \\x3c{%boom%}\\x3e b"],
  ])("has %s escaped", (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("stays as it is where there is nothing to escape", () => {
    const text = "cluster-1: fd00::1 a::b größer → 日本語 😀\n\t✅ C:\\x1b <b>%}";
    expect(printable(text)).toBe(text);
    expect(printable("one\r\ntwo")).toBe("one\ntwo");
  });

  it("holds nothing that a terminal, a runner, the engine or a reader of XML would trip over", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufffe\uffff]/);
        expect(shown).not.toMatch(/\p{Cs}/u);
        expect(stripVTControlCharacters(shown)).toBe(shown);
        expect(shown).not.toMatch(/^\s*::[A-Za-z]|##\[|<\{%|%\}>/m);
        expect(printable(shown)).toBe(shown);
      }),
    );
  });

  it("is cut where it is too long, and says so", () => {
    fc.assert(
      fc.property(foreign, fc.integer({ min: 40, max: 60 }), (text, longest) => {
        const shown = printable(text, { longest });
        expect(shown.length).toBeLessThanOrEqual(longest);
        expect(shown).not.toMatch(/\p{Cs}/u);
        expect(shortened(text, longest).length).toBeLessThanOrEqual(longest);
      }),
    );
    expect(printable("x".repeat(1000), { longest: 40 })).toBe(`${"x".repeat(16)}… (cut: 1000 characters)`);
    expect(printable("x".repeat(40), { longest: 40 })).toBe("x".repeat(40));
  });

  it("takes no longer for a long one than it has characters", () => {
    const begin = performance.now();
    for (const part of [" ", ":", "::a", "#", " ::a", "\u202e", "<{%"]) {
      printable(part.repeat(1_000_000), { longest: 1_000_000 });
    }
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});

it("stays on its line", () => {
  fc.assert(
    fc.property(foreign, (text) => {
      expect(printableLine(text)).not.toMatch(/[\n\r\u2028\u2029]/);
    }),
  );
  expect(printableLine("ok\nFAILED")).toBe("ok\\nFAILED");
});

it("has its further lines indented", () => {
  expect(printableBlock("a\nok  b\r\n\n::c::\n", "    ")).toBe("a\n    ok  b\n\n    \\x3a:c::\n");
});

it("is read back from JSON as it was", () => {
  fc.assert(
    fc.property(foreign, (text) => {
      const json = printableJson({ text, [text]: [text] });
      expect(JSON.parse(json)).toEqual({ text, [text]: [text] });
      expect(printable(json, { longest: Infinity })).toBe(json);
    }),
  );
});
