import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import { projectName } from "../files";
import { isUnseen, mergedSetting, ofNamespace, stackEnvironment } from "../settings";
import type { StackFile, StackKeys } from "./settings";
import { stackName } from "./stack-name";

const StackContent = z.looseObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  environment: z.unknown().optional(),
});

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
 * Reads the settings in `Pulumi.<stack>.yaml`.
 *
 * @throws RehearsalError if there is no such file (with the stacks that have one), it is not valid, or its clusters can't be seen.
 */
export async function readStackFile(folder: string, stack: string): Promise<StackFile> {
  const name = `Pulumi.${stack}.yaml`;
  const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
  if (text === undefined) {
    const stacks = await stacksWithFiles(folder);
    throw new RehearsalError(`There is no ${name} here. Stacks with settings: ${stacks.join(", ")}.`);
  }
  const document = parseDocument(text);
  const read = StackContent.safeParse(document.toJS() ?? {});
  const [error] = document.errors;
  if (error !== undefined || !read.success) {
    const where = error?.linePos ? ` (line ${String(error.linePos[0].line)})` : "";
    throw new RehearsalError(
      `${name} is not a valid stack file${where}: correct its YAML, with the keys below config:.`,
    );
  }
  const { imports, config } = stackEnvironment(read.data.environment);
  const project = projectName(folder);
  const [own, given] = [ofNamespace(read.data.config ?? {}, project), ofNamespace(config, project)];
  const keys = Object.fromEntries(
    [...new Set([...Object.keys(given), ...Object.keys(own)])].map((key) => [key, mergedSetting(own[key], given[key])]),
  );
  if (!seesClusters(keys) && (imports.length > 0 || "clusters" in given)) {
    throw new RehearsalError(
      `${name} does not say which clusters there are: its environment${imports.length > 0 ? ` (${imports.join(", ")})` : ""} does, ` +
        "which only Pulumi can open, and a rehearsal has no access to anything of yours. List flatmesh:clusters in the file, below config: " +
        "or below environment: values: pulumiConfig:, each with its name and provisioner as they are; a kubeconfig may stay in the " +
        "environment (${…}), or be an output of another stack ({stack, output}).",
    );
  }
  return { keys, environments: imports };
}

/** Whether it is known which clusters there are: a rehearsal makes each of them. */
function seesClusters({ clusters }: StackKeys): boolean {
  return (
    clusters !== undefined &&
    !isUnseen(clusters) &&
    (!Array.isArray(clusters) ||
      clusters.every(
        (cluster: unknown) =>
          !isUnseen(cluster) && !(["name", "provisioner"] as const).some((key) => isUnseen(part(cluster, key))),
      ))
  );
}

function part(cluster: unknown, key: string): unknown {
  return typeof cluster === "object" && cluster !== null ? Reflect.get(cluster, key) : undefined;
}
