import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { z } from "zod";
import { Definition, digestOf } from "./definition";

/**
 * The releases whose standard channel comes with the program, so that no run depends on a download: `digestOf` of their definitions
 * in the Go module of that version, which Go's checksum database vouches for. `npm run maintain -- gateway-api RELEASE` writes the
 * file of another release and prints its line. Renovate proposes releases by the comment below the list, which names the newest one.
 */
const digests: Readonly<Record<string, string>> = {
  "v1.4.0": "4d8b16f703027c7396b237046207c611e3ef768bcf309a582339d7b47b405775",
  "v1.4.1": "98f55b51e3ae7ca981e66d48184d283bcf0d0904e8fb8b252ef1e13836515aa8",
  "v1.5.0": "bc2a0705f5bcd44fd763283288dfaaf3001c6a9cbe9cd1b11ecc0a4be4a0545d",
  "v1.5.1": "233ee4a015c92d7b94ec9af043b3c9fab3dbfba6069eddf0a12c7d7755e5eb76",
  "v1.6.0": "e41a4906286595f0fba1e479daa16f3ba4be55bdd3ec49cd7d1a73af8c7d007e",
  "v1.6.1": "a56805f9f39aca57a6ce85186c4869d7c2973d4cc44ec06fa9c969c96f90cdf7",
  "v1.6.2": "85a2007c64b83f45252c8d0be71aff10895e320e15afb652de59cd48a0de3ba9",
  "v1.6.3": "fc91ab5361ade6c108439f20ac3fa8a91001518be758e3f08a5f597ee545b4b0",
  // newest: v1.6.3
};

/** The releases that come with the program, the oldest first. */
export const bundledReleases: readonly string[] = Object.keys(digests);

/** The digest of a release's standard channel; undefined for a release that is not known here. */
export function knownDigest(release: string): string | undefined {
  return Object.hasOwn(digests, release) ? digests[release] : undefined;
}

/** Where the file of a release is: its definitions as JSON, compressed with Brotli to a quarter of what gzip makes of them. */
export function bundleFile(release: string): string {
  return join(__dirname, "bundles", `${release}.json.br`);
}

/** The standard channel of a release that comes with the program. */
export function bundledDefinitions(release: string): Definition[] {
  const text = brotliDecompressSync(readFileSync(bundleFile(release))).toString("utf8");
  const definitions = z.array(Definition).parse(JSON.parse(text));
  if (digestOf(definitions) !== knownDigest(release)) {
    throw new Error(
      `${bundleFile(release)} does not have the digest of ${release}: this copy of the program is damaged`,
    );
  }
  return definitions;
}
