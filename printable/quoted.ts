/** Longer texts are cut off. */
const longest = 40;

/**
 * A text that somebody else has written, in quotation marks, for a message: short, on one line, and without a character that a
 * terminal, Markdown or a reader could take for something else.
 */
export function quoted(text: string): string {
  const start = text.slice(0, longest).replace(/[^ -~]|["\\`<>]/g, escaped);
  return `"${start}${text.length > longest ? "…" : ""}"`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
