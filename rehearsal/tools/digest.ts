import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { ToolError } from "./errors";

/** What a file hashes to: the algorithm, and the hash in lower-case hexadecimal. */
export type Digest = `sha256:${string}` | `sha512:${string}`;

/** The digest of a file's content. */
export async function digestOf(file: string, algorithm: "sha256" | "sha512"): Promise<Digest> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(file, { highWaterMark: 2 ** 20 }), hash);
  return `${algorithm}:${hash.digest("hex")}`;
}

/**
 * Removes a file that has not the digest, and throws a ToolError then.
 *
 * @param what The file in the user's words, such as the address that it comes from.
 */
export async function verify(file: string, expected: Digest, what: string): Promise<void> {
  const found = await digestOf(file, expected.startsWith("sha512:") ? "sha512" : "sha256");
  if (found !== expected) {
    await rm(file);
    throw new ToolError(
      `${what} is not what rehearsal/tools/digests.ts expects, and is not used: it has ${found}, expected was ${expected}. ` +
        "Something on the way changed it (a proxy, a mirror, a broken connection): try again, or by another network",
    );
  }
}
