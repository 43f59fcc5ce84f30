import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { projectName } from "../files";
import { ofNamespace } from "../settings";
import type { StackKeys } from "./settings";
import { stackName } from "./stack-name";

const StackFile = z.looseObject({ config: z.record(z.string(), z.unknown()).optional() });

/** A message for the person at the console: what is wrong, where, and what to do. No stack trace helps with it. */
export class RehearsalError extends Error {}

/** The stacks that have a file `Pulumi.<stack>.yaml` in a folder, sorted. Files with other names are ignored. */
export async function stacksWithFiles(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => stackName.test(stack))
    .sort();
}

/**
 * Reads the settings in `Pulumi.<stack>.yaml`, keys without their namespace.
 *
 * @throws RehearsalError if there is no such file (with the stacks that have one), or it is not valid.
 */
export async function readStackFile(folder: string, stack: string): Promise<StackKeys> {
  const name = `Pulumi.${stack}.yaml`;
  const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
  if (text === undefined) {
    const stacks = await stacksWithFiles(folder);
    throw new RehearsalError(`There is no ${name} here. Stacks with settings: ${stacks.join(", ")}.`);
  }
  const document = parseDocument(text);
  const read = StackFile.safeParse(document.toJS() ?? {});
  const [error] = document.errors;
  if (error !== undefined || !read.success) {
    const where = error?.linePos ? ` (line ${String(error.linePos[0].line)})` : "";
    throw new RehearsalError(
      `${name} is not a valid stack file${where}: correct its YAML, with the keys below config:.`,
    );
  }
  return ofNamespace(read.data.config ?? {}, projectName(folder));
}
