/**
 * A page with a part of it written anew: what stands between `<!-- name -->` and `<!-- /name -->`.
 *
 * @throws Error when the page has no such part.
 */
export function withPart(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`The page has no place for its part ${name}: add the lines ${start} and ${end}`);
  }
  return `${before}${start}\n\n${text}\n\n${end}${after}`;
}

/** A Markdown table. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return [titles, titles.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");
}
