import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Has Pulumi's CLI write no log of its own. By itself it compresses, encrypts and keeps whatever passes through it, tens of
 * megabytes for an update, which takes four fifths of its processor time; and it has no switch for that. Where the folder for
 * logs can't be made, since a file is in its place, it does without.
 *
 * @param home A PULUMI_HOME that is nobody's but the rehearsal's.
 */
export async function withoutLogs(home: string): Promise<void> {
  const logs = join(home, "logs");
  const there = await lstat(logs).catch(() => undefined);
  if (there?.isFile() === true) {
    return;
  }
  await rm(logs, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(home, { recursive: true });
  await writeFile(logs, "In the place of Pulumi's folder for logs, so that it writes none.\n");
}
