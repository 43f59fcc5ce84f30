import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, parseDefinitions } from "../preflight/gateway-api";
import { Go, type Progress } from "../rehearsal/tools";

/**
 * The digest of a release's definitions, standard channel, from its Go module: Go holds what the module proxy sends to the
 * checksum database, so the digest is not the word of the host that the definitions are downloaded from later.
 *
 * @param release Such as `v1.4.1`. There is no falling back to another release.
 * @returns SHA-256 in hex, as preflight/gateway-api.ts has it by release.
 * @throws ToolError where Go or the module can't be had.
 */
export async function gatewayApiDigest(release: string, progress: Progress): Promise<string> {
  const go = await Go.find(progress);
  const { folder } = await go.module("sigs.k8s.io/gateway-api", release, process.cwd());
  const definitions = join(folder, "config", "crd", "standard");
  const files = (await readdir(definitions)).filter((file) => file.endsWith(".yaml"));
  const texts = await Promise.all(files.map((file) => readFile(join(definitions, file), "utf8")));
  return digestOf(texts.flatMap((text, index) => parseDefinitions(text, files[index] ?? "")));
}
