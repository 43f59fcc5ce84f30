/** `npm run maintain`: what maintainers and the release workflow need now and then. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../rehearsal/tools";
import { writeGatewayApiBundle } from "./gateway-api-bundle";
import { releaseNotes } from "./release-notes";

const usage = `npm run maintain -- COMMAND

  gateway-api RELEASE   the file of a release, such as v1.4.1, and its line for preflight/gateway-api/bundles.ts
  release-notes TAG     the section of the changelog for the version in package.json, which the tag has to match`;

const project = join(__dirname, "..");
const textOf = (file: string): string => readFileSync(join(project, file), "utf8");

async function main([command, argument, ...more]: readonly string[]): Promise<void> {
  if (command === "gateway-api" && /^v\d+\.\d+\.\d+$/.test(argument ?? "") && more.length === 0) {
    const digest = await writeGatewayApiBundle(argument ?? "", {
      step: (message) => process.stderr.write(`${message}\n`),
    });
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
