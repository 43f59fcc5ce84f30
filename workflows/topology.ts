/** Longer diagrams are none that a reader could follow. */
const longest = 50_000;

/** Of a label: plain characters, and Mermaid's codes for any others. */
const text = String.raw`(?:[\w .:/-]|#\d+;)*`;
const label = String.raw`(?:[\w .:/-]|#\d+;|<br/>|</?b>)*`;
const id = String.raw`[cn]_\w+`;
const node = String.raw`${id}(?:\["${label}"\]|\(\["${label}\(another stack\)"\]\))`;
const arrow = String.raw`${id} <?-->\|${text}\| ${id}`;
const diagram = new RegExp(
  String.raw`^flowchart LR\n {2}subgraph network\["${text}"\]\n(?: {4}${node}\n)* {2}end\n(?: {2}${arrow}\n)*$`,
);

/**
 * Whether a text is a diagram as the program makes them of its output `topology`. Mermaid's language has links, styles and
 * directives: what comes from another job is drawn only where it has none of them.
 */
export function isTopology(text: string): boolean {
  return text.length <= longest && diagram.test(text);
}
