import { createRequire } from "node:module";
import { join } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";

/** Root folder of the project. */
export const projectFolder = join(__dirname, "..");

/** The folder of everything that belongs to a stack's rehearsal. */
export function rehearsalFolder(stack: string): string {
  return join(projectFolder, ".flatmesh", stack);
}

/**
 * The program that `pulumi up` runs. It is loaded as Pulumi's own language host loads it (CommonJS), so that what is
 * rehearsed is index.ts itself.
 */
export function loadProgram(): PulumiFn {
  const load = createRequire(__filename);
  return load(join(projectFolder, "index.ts")) as PulumiFn;
}
