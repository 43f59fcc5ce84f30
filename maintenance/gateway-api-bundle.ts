import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { bundleFile, digestOf, parseManifests } from "../preflight/gateway-api";
import { Go, type Progress } from "../rehearsal/tools";

/**
 * Writes the definitions of a release, standard channel, from its Go module: Go holds what the module proxy sends to the checksum
 * database, so nothing depends on the word of the host alone that sends it.
 *
 * @param release Such as `v1.4.1`. There is no falling back to another release.
 * @returns SHA-256 in hex, as preflight/gateway-api/bundles.ts has it by release.
 * @throws ToolError where Go or the module can't be had.
 */
export async function writeGatewayApiBundle(release: string, progress: Progress): Promise<string> {
  const go = await Go.find(progress);
  const { folder } = await go.module("sigs.k8s.io/gateway-api", release, process.cwd());
  const source = join(folder, "config", "crd", "standard");
  const files = (await readdir(source)).filter((file) => file.endsWith(".yaml")).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(source, file), "utf8")));
  const definitions = parseManifests(texts.join("\n---\n"), source);
  const json = Buffer.from(JSON.stringify(definitions));
  // The window holds all of it: versions of a kind repeat most of one another.
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
  };
  await writeFile(bundleFile(release), brotliCompressSync(json, { params }));
  return digestOf(definitions);
}
