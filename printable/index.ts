/**
 * Text that others have written (a cluster, a peer stack, a plan, a settings file), fit for a terminal, a log and a document:
 * every printer passes it through here, so that no other code has to.
 */

export { quoted } from "./quoted";
export { shellWord } from "./shell-word";
export { withoutSecrets } from "./without-secrets";

/** Longer texts are not messages. */
const longestText = 50_000;

/**
 * What does not show as itself, or is a command to what shows it, each as one character to be escaped:
 *
 * - control characters, which terminals obey; those that change the direction of a text, or are not to be seen; halves of
 *   surrogate pairs and what else XML 1.0 does not have;
 * - `::name` where a line begins, and `##[name` anywhere: a GitHub runner takes them for its own commands (ActionCommand.cs
 *   of actions/runner, TryParseV2 and TryParse). What is behind is looked at last, or long texts take time by their square;
 * - `<{%` and `%}>`, which hold colours in what Pulumi's CLI is told: at an unknown one it panics (colors.go of its SDK).
 */
const unprintable =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]|:(?<=^[^\S\n]*:)(?=:[A-Za-z])|#(?=#\[)|<(?=\{%)|>(?<=%\}>)/gmu;

export interface PrintableOptions {
  /** The maximum number of characters, including escapes; {@link longestText} by default. */
  readonly longest?: number;
}

/** A text of any number of lines, with what is not fit to be shown escaped, such as `\x1b`, and cut where it is too long. */
export function printable(text: string, { longest = longestText }: PrintableOptions = {}): string {
  const shown = text
    // What is cut away need not be escaped; an escape is longer than what it stands for.
    .slice(0, longest + 1)
    .replaceAll("\r\n", "\n")
    .replace(unprintable, escape);
  return text.length <= longest && shown.length <= longest ? shown : cut(shown, text.length, longest);
}

/** A text as it is, cut where it is too long. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : cut(text, text.length, longest);
}

function cut(text: string, length: number, longest: number): string {
  const note = `… (cut: ${String(length)} characters)`;
  // No half of a surrogate pair is left at the end.
  return `${text.slice(0, Math.max(0, longest - note.length)).replace(/[\ud800-\udbff]$/, "")}${note}`;
}

/** The same on one line: what stands on a line of its own was written by the program. */
export function printableLine(text: string, options: PrintableOptions = {}): string {
  return printable(text.replace(/\r?\n/g, "\\n"), options);
}

/** The same with every line after the first one indented: none can be taken for a line of the program. */
export function printableBlock(text: string, indent: string, options: PrintableOptions = {}): string {
  return printable(text, options).replace(/\n(?=[^\n])/g, `\n${indent}`);
}

/** A value as JSON that is read back as the same value, whatever texts are in it. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(unprintable, (character) =>
    Array.from({ length: character.length }, (_, index) => `\\u${hex(character.charCodeAt(index), 4)}`).join(""),
  );
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${hex(code, 2)}` : code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 1)}}`;
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
