import { readFileSync, writeFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import { pages } from "./pages";

/** Brings the documents and Pulumi.yaml up to what the code says: `npm run document`. */
async function main(): Promise<void> {
  for (const [file, document] of Object.entries(pages)) {
    const options = { ...(await resolveConfig(file)), filepath: file };
    writeFileSync(file, await format(document(readFileSync(file, "utf8")), options));
  }
}

void main();
