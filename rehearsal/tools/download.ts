import { chmod } from "node:fs/promises";
import { basename, join } from "node:path";
import { takeOut } from "./archive";
import type { Download } from "./catalogue";
import { ToolError } from "./errors";
import type { Network } from "./network";

/** Downloads a program into the folder, checks it against the published sum, unpacks it; gives the executable file. */
export async function download(source: Download, folder: string, network: Network): Promise<string> {
  const name = basename(new URL(source.url).pathname);
  const file = join(folder, name);
  const sum = await network.save(source.url, file);
  if (source.sums !== undefined) {
    verify(source.url, sum, sumOf(name, await network.text(source.sums)), source.sums);
  }
  const program = source.member === undefined ? file : await takeOut(file, source.member, folder);
  await chmod(program, 0o755);
  return program;
}

/** The sum of that file in a list of sums; a list of one bare sum is of the only file there is. */
export function sumOf(name: string, list: string): string | undefined {
  const lines = [...list.matchAll(/^([0-9a-f]{64})(?:\s+\*?(\S+))?\s*$/gim)];
  const line = lines.find(([, , file]) => file === name) ?? lines.find(([, , file]) => file === undefined);
  return line?.[1]?.toLowerCase();
}

function verify(url: string, sum: string, published: string | undefined, list: string): void {
  if (published === undefined) {
    throw new ToolError(`${list} has no sum for ${url}, so that it can't be trusted`);
  }
  if (published !== sum) {
    throw new ToolError(
      `${url} has the SHA-256 sum ${sum}, but ${list} gives ${published}: it is not what was published`,
    );
  }
}
