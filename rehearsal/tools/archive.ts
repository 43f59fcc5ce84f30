import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { extract } from "tar";
import { exists } from "./cache";
import { ToolError } from "./errors";

/**
 * Takes members out of a `.zip`, `.tgz` or `.tar.gz` into the folder, where they have the paths that they have in the archive,
 * and nothing else; gives the new files in their order. Only a member that is a file counts: a link might lead anywhere.
 */
export async function takeOut(archive: string, members: readonly string[], folder: string): Promise<string[]> {
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
      throw new ToolError(`${basename(archive)} has no file ${members[index] ?? ""} in it, though it should`);
    }
  }
  return files;
}
