import { type ExecFileException, execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { projectFolder } from "../../rehearsal/program";

/** What a process came to. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of this project in a repository of its own, as a workflow has it: nobody's rehearsals are in its way. */
export class ProjectCopy {
  readonly folder = mkdtempSync(join(tmpdir(), "flatmesh-project-"));

  static async make(): Promise<ProjectCopy> {
    const copy = new ProjectCopy();
    const left = ["node_modules", ".flatmesh", ".git"];
    cpSync(projectFolder, copy.folder, { recursive: true, filter: (path) => !left.includes(basename(path)) });
    symlinkSync(join(projectFolder, "node_modules"), join(copy.folder, "node_modules"));
    await copy.git("init", "--quiet");
    await copy.commit("What there is");
    return copy;
  }

  /** One step of the workflows; `--silent` as they have it. */
  step(args: readonly string[], input = ""): Promise<Outcome> {
    return this.#run("npm", ["run", "--silent", "workflow", "--", ...args], input);
  }

  /** The command line of a rehearsal. */
  start(...args: string[]): Promise<Outcome> {
    return this.#run("npm", ["start", "--", ...args]);
  }

  git(...args: string[]): Promise<Outcome> {
    const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    return this.#run("git", [...author, ...args]);
  }

  async commit(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #run(program: string, args: readonly string[], input = ""): Promise<Outcome> {
    return new Promise((resolve) => {
      const options = { cwd: this.folder, maxBuffer: 2 ** 26 };
      const child = execFile(program, args, options, (error: ExecFileException | null, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
      });
      // A process that reads none may have ended before.
      child.stdin?.on("error", () => undefined).end(input);
    });
  }
}
