import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** Name of the Pulumi project in a folder; this program's name if there is no Pulumi.yaml that has one. */
export function projectName(folder: string): string {
  try {
    return z.object({ name: z.string() }).parse(parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8"))).name;
  } catch {
    return "flatmesh";
  }
}
