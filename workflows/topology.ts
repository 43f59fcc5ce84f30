/** Longer diagrams are none that a reader could follow. */
const longest = 50_000;

const label = String.raw`(?:[\w .:/-]|<br/>|</?b>)*`;
const node = String.raw`c_\w+(?:\["${label}"\]|\(\["${label}\(another stack\)"\]\))`;
const arrow = String.raw`c_\w+ <?-->\|[\w ]+\| c_\w+`;
const diagram = new RegExp(
  String.raw`^flowchart LR\n {2}subgraph network\["[\w.-]*"\]\n(?: {4}${node}\n)* {2}end\n(?: {2}${arrow}\n)*$`,
);

/**
 * Whether a text is a diagram as the program makes them of its output `topology`. Mermaid's language has links, styles and
 * directives: what comes from another job is drawn only where it has none of them.
 */
export function isTopology(text: string): boolean {
  return text.length <= longest && diagram.test(text);
}
