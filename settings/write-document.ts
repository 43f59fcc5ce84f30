import { readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { documentProject, documentReadme } from "./document";

/** Brings the README's table and Pulumi.yaml up to what the schema says: `npm run document`. */
async function main(): Promise<void> {
  for (const [file, document] of [
    ["README.md", documentReadme],
    ["Pulumi.yaml", documentProject],
  ] as const) {
    const options = { ...(await resolveConfig(file)), filepath: file };
    writeFileSync(file, await format(document(readFileSync(file, "utf8")), options));
  }
}

void main();
