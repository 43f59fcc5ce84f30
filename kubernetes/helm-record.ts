import { gunzipSync } from "node:zlib";

/** What Helm keeps in the `release` of a revision's Secret: base64 of gzip of JSON; undefined where it is something else. */
export function helmRecord(text = ""): unknown {
  try {
    const bytes = Buffer.from(text, "base64");
    // Very old ones are not compressed.
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return JSON.parse((isCompressed ? gunzipSync(bytes) : bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
