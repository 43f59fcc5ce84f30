import { chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";

/** Write permission of the group and of everybody else, and all of their permissions. */
const writingByOthers = 0o022;
const allOfOthers = 0o077;

/**
 * Creates a folder for this user alone, or removes the permissions of others from an existing one. What was in it before
 * could have been written by whoever had access until now.
 *
 * @returns why it can't be used, with what to do about it; undefined if it is this user's alone.
 */
export function ownFolder(folder: string): string | undefined {
  mkdirIfMissing(folder);
  const problem = folderProblem(folder);
  if (problem === undefined && (statsOf(folder)?.mode ?? 0) & allOfOthers) {
    chmodSync(folder, 0o700);
  }
  return problem;
}

/**
 * Why somebody else could have put or changed what is in a folder, with the command that repairs it; undefined if nobody
 * could, or if it isn't there. What is above it is could not be read: who may write there can at most put another folder in its
 * place, which is then his own.
 */
export function folderProblem(folder: string): string | undefined {
  const stats = statsOf(folder);
  if (stats === undefined) {
    return undefined;
  }
  const word = quoted(folder);
  if (stats.isSymbolicLink()) {
    return `${folder} is a symbolic link, and whoever created it chose where it leads. Remove the link: \`rm ${word}\``;
  }
  if (!stats.isDirectory()) {
    return `${folder} is not a folder. Remove the file: \`rm ${word}\``;
  }
  const exposure = exposureOf(stats, false);
  return (
    exposure &&
    `${folder} ${exposure}, who could have put anything into it. ` +
      (stats.uid === process.getuid?.()
        ? `If nobody has, close it: \`chmod -R go-w ${word}\`; otherwise remove it: \`rm -rf ${word}\``
        : `Remove it, as root if need be: \`rm -rf ${word}\``)
  );
}

/**
 * Who but this user could have written to a file or a folder, such as "is writable by others (mode 777)"; undefined if
 * nobody could. What is root's counts as this user's own, since root can do anything anyway.
 */
export function openToOthers(path: string): string | undefined {
  const stats = lstatSync(path);
  return stats.isSymbolicLink() ? "is a symbolic link" : exposureOf(stats, true);
}

function exposureOf({ uid, mode }: Stats, rootToo: boolean): string | undefined {
  if (uid !== process.getuid?.() && !(rootToo && uid === 0)) {
    return `belongs to another user (${String(uid)})`;
  }
  return mode & writingByOthers ? `is writable by others (mode ${(mode & 0o777).toString(8)})` : undefined;
}

/** With all that is above it and missing too. */
function mkdirIfMissing(folder: string): void {
  if (statsOf(folder) === undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function quoted(word: string): string {
  return /^[\w./+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
