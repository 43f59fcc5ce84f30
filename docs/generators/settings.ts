import { stringify } from "yaml";
import { type KeyDocument, keyDocuments } from "../../settings/reference";
import { examples, further } from "./examples";
import { tableOf, withPart } from "./marked";

/** The page of the settings, with what the schema says of each key. */
export function settingsPage(page: string): string {
  const all = keyDocuments();
  const outermost = all.filter(({ path }) => !/[.[]/.test(path));
  const index = tableOf(
    ["Key", "Default", "What it is"],
    outermost.map(({ path, fallback, description }) => [
      `[\`${path}\`](#${path.toLowerCase()})`,
      fallback,
      description,
    ]),
  );
  return withPart(page, "settings", [index, ...all.map(sectionOf)].join("\n\n"));
}

function sectionOf({ path, description, type, fallback, only }: KeyDocument): string {
  const [title, url] = further[path] ?? [];
  return [
    `### \`${path}\``,
    `${description}.`,
    [`- Type: ${type}`, `- Default: ${fallback}`, ...(only.length > 0 ? [`- Only for: ${only.join(", ")}`] : [])].join(
      "\n",
    ),
    exampleOf(path),
    ...(title === undefined || url === undefined ? [] : [`More: [${title}](${url})`]),
  ].join("\n\n");
}

function exampleOf(path: string): string {
  const example = examples[path];
  if (example === undefined) {
    throw new Error(`There is no example for ${path}: add one to docs/generators/examples.ts`);
  }
  if ("command" in example) {
    return `\`\`\`sh\n${example.command}\n\`\`\``;
  }
  const [key = path] = path.split(/[.[]/);
  return `\`\`\`yaml\n${stringify({ [`flatmesh:${key}`]: example.value }, { lineWidth: 0 }).trim()}\n\`\`\``;
}
