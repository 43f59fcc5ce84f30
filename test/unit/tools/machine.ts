import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { vi } from "vitest";
import type { Progress } from "../../../rehearsal/tools";

/** A machine of the test's own: an empty cache, no network, and on the PATH only what the test puts there. */
export class Machine {
  readonly lines: string[] = [];
  readonly progress: Progress = { step: (line) => this.lines.push(line) };

  private constructor(readonly folder: string) {}

  static async make(): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), "flatmesh-tools-")));
    vi.stubEnv("FLATMESH_CACHE", machine.cache);
    vi.stubEnv("PATH", [machine.bin, machine.laterBin].join(delimiter));
    // Nothing listens there, so that every address is out of reach, and at once.
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    vi.stubEnv("NO_PROXY", "127.0.0.1");
    await Promise.all([mkdir(machine.bin), mkdir(machine.laterBin)]);
    return machine;
  }

  get cache(): string {
    return join(this.folder, "cache");
  }

  /** The first folder of the PATH. */
  get bin(): string {
    return join(this.folder, "bin");
  }

  /** The second folder of the PATH. */
  get laterBin(): string {
    return join(this.folder, "later");
  }

  /** Puts an executable shell script there; gives its path. */
  async script(name: string, text: string, folder = this.bin): Promise<string> {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${text}\n`);
    await chmod(file, 0o755);
    return file;
  }

  async remove(): Promise<void> {
    vi.unstubAllEnvs();
    await rm(this.folder, { recursive: true, force: true });
  }
}
