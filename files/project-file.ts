import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** Name of the Pulumi project in a folder; that of this program where no Pulumi.yaml there says one. */
export function projectName(folder: string): string {
  try {
    return z.object({ name: z.string() }).parse(parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8"))).name;
  } catch {
    return "flatmesh";
  }
}
