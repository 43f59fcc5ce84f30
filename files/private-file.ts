import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes a file that nobody but its owner can read. It takes the place of one that is there, whatever mode that has and
 * whatever it leads to, since it is another file until it is complete.
 *
 * @throws Error of the file system.
 */
export function writePrivate(path: string, text: string): void {
  const draft = join(dirname(path), `.${randomBytes(8).toString("hex")}`);
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: "wx" });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
