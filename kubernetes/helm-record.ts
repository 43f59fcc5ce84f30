import { gunzipSync } from "node:zlib";

/** The statuses of records that an upgrade can begin with. */
export const usableRecords: ReadonlySet<string> = new Set(["deployed", "failed", "superseded"]);

/** Bytes of an unpacked record. A Secret has a megabyte at most, and manifests shrink to a tenth. */
const longest = 64 << 20;

/** What Helm keeps in the `release` of a revision's Secret: base64 of gzip of JSON; undefined where it is something else. */
export function helmRecord(text = ""): unknown {
  try {
    const bytes = Buffer.from(text, "base64");
    // Very old ones are not compressed.
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return JSON.parse((isCompressed ? gunzipSync(bytes, { maxOutputLength: longest }) : bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
