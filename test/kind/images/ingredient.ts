import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { cachePathOf, provideGoPrograms, type GoPrograms, type Progress } from "../../../rehearsal/tools";

/**
 * Something that an image is made of. Its key is known before it is there, so that what is made already is found
 * without making anything.
 */
export interface Ingredient {
  /** Another one whenever the content would be another. */
  readonly key: string;
  /** Gives the file or folder, which is made if it isn't there. */
  readonly provide: (progress: Progress) => Promise<string>;
}

/** A file, or a folder with all that is in it, that is there already. */
export function there(path: string): Ingredient {
  return { key: digest(contents(path)), provide: () => Promise.resolve(path) };
}

/** One program of those that are built together. */
export function programOf(programs: GoPrograms, name: string): Ingredient {
  return {
    key: join(cachePathOf(programs), name),
    provide: async (progress) => join(await provideGoPrograms(programs, progress), name),
  };
}

/** Short enough for a tag, long enough to be another one for anything else. */
export function digest(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(part).update("\0");
  }
  return hash.digest("hex").slice(0, 12);
}

function contents(path: string): Buffer {
  if (!statSync(path).isDirectory()) {
    return readFileSync(path);
  }
  const names = readdirSync(path).sort();
  return Buffer.concat(names.flatMap((name) => [Buffer.from(`${name}\0`), contents(join(path, name))]));
}
