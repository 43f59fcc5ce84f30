import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { unzipSync } from "fflate";
import { extract } from "tar";
import { exists } from "./cache";
import { ToolError } from "./errors";

/** Takes one member out of a `.zip`, `.tgz` or `.tar.gz` into the folder; gives the new file, named like the member. */
export async function takeOut(archive: string, member: string, folder: string): Promise<string> {
  const file = join(folder, basename(member));
  if (archive.endsWith(".zip")) {
    const content = unzipSync(await readFile(archive), { filter: ({ name }) => name === member })[member];
    if (content === undefined) {
      throw missing(archive, member);
    }
    await writeFile(file, content, { flag: "wx" });
    return file;
  }
  await extract({
    file: archive,
    cwd: folder,
    strip: member.split("/").length - 1,
    filter: (path) => path === member,
  });
  if (!(await exists(file))) {
    throw missing(archive, member);
  }
  return file;
}

function missing(archive: string, member: string): ToolError {
  return new ToolError(`${basename(archive)} has no ${member} in it, though it should`);
}
