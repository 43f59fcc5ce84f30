import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** A shell script of a component: its folder and its file, such as `clusters/kind-create.sh` of `clusters/scripts/`. */
export type ScriptName = `${"clusters" | "mesh"}/${string}.sh`;

/** What a Command runs. */
interface Scripts {
  readonly create: ScriptName;
  readonly delete?: ScriptName;
}

type CommandInputs = Pick<local.CommandArgs, "create" | "delete" | "environment">;

/**
 * Inputs of a Command that runs `scripts` with `environment`. The scripts are passed through the environment as well: an error
 * message quotes the whole command, and would bury the script's own message below the script's text.
 */
export function runScripts(
  scripts: Scripts,
  environment: Readonly<Record<string, pulumi.Input<string>>>,
): CommandInputs {
  return {
    create: 'eval "$CREATE"',
    ...(scripts.delete !== undefined && { delete: 'eval "$DELETE"' }),
    environment: {
      ...environment,
      CREATE: readScript(scripts.create),
      ...(scripts.delete !== undefined && { DELETE: readScript(scripts.delete) }),
    },
  };
}

/** Gives scripts a folder of their own (see workdir.sh). */
export const privateWorkdir = { PRIVATE_WORKDIR: readScript("clusters/workdir.sh") };

/** The text of a script. */
export function readScript(name: ScriptName): string {
  const [folder = "", file = ""] = name.split("/");
  return readFileSync(join(__dirname, folder, "scripts", file), "utf8");
}
