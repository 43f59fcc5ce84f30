import { chmod } from "node:fs/promises";
import { basename, join } from "node:path";
import { takeOut } from "./archive";
import type { Download } from "./catalogue";
import { verify } from "./digest";
import type { Network } from "./network";

/**
 * Downloads a file into the folder, checks it against its digest and takes the programs out of it, where it is an archive;
 * gives the executable files in the order of the sources.
 *
 * @param sources What is at one address.
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
  const programs = members.length === 0 ? [file] : await takeOut(file, members, folder);
  await Promise.all(programs.map((program) => chmod(program, 0o755)));
  return programs;
}
