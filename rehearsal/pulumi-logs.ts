import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Keeps Pulumi's CLI from writing logs of its own. By default it compresses, encrypts and keeps whatever passes through it, tens of
 * megabytes for an update, which takes four fifths of its processor time; and it has no switch for that. If it can't create the
 * folder for logs, because a file is in its place, it writes none.
 *
 * @param home A PULUMI_HOME that only rehearsals use.
 */
export async function withoutLogs(home: string): Promise<void> {
  const logs = join(home, "logs");
  const existing = await lstat(logs).catch(() => undefined);
  if (existing?.isFile() === true) {
    return;
  }
  await rm(logs, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(home, { recursive: true });
  await writeFile(logs, "In the place of Pulumi's folder for logs, so that it writes none.\n");
}
