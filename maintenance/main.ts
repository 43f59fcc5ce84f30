/** `npm run maintain`: what maintainers and the release workflow need now and then. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../rehearsal/tools";
import { gatewayApiDigest } from "./gateway-api-digest";
import { releaseNotes } from "./release-notes";

const usage = `npm run maintain -- COMMAND

  gateway-api-digest RELEASE   the line for preflight/gateway-api.ts, such as of v1.4.1
  release-notes TAG            the section of the changelog for the version in package.json, which the tag has to match`;

const project = join(__dirname, "..");
const textOf = (file: string): string => readFileSync(join(project, file), "utf8");

async function main([command, argument, ...more]: readonly string[]): Promise<void> {
  if (command === "gateway-api-digest" && /^v\d+\.\d+\.\d+$/.test(argument ?? "") && more.length === 0) {
    const digest = await gatewayApiDigest(argument ?? "", { step: (message) => process.stderr.write(`${message}\n`) });
    process.stdout.write(`  "${argument ?? ""}": "${digest}",\n`);
  } else if (command === "release-notes" && argument !== undefined && more.length === 0) {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(textOf("package.json")));
    process.stdout.write(releaseNotes(argument, version, textOf("CHANGELOG.md")));
  } else {
    throw new Error(usage);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
