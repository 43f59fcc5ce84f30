import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const components = join(__dirname, "..", "..", "..", "..", "..", "components");

/** Paths of all shell scripts of the program, by their names, which are unique. */
export const scripts: ReadonlyMap<string, string> = new Map(
  ["clusters", "mesh"].flatMap((component) => {
    const folder = join(components, component, "scripts");
    return readdirSync(folder).map((file) => [file, join(folder, file)] as const);
  }),
);

/** The text of a shell script of the program. */
export function textOf(script: string): string {
  return readFileSync(scripts.get(script) ?? script, "utf8");
}

/** What the scripts may call beside the fakes. */
const utilities =
  "base64 basename cat cksum cp cut dirname find grep head id ln mkdir mktemp mv paste readlink rm rmdir sed sh sleep sort tail tar touch tr uname wc".split(
    " ",
  );

export interface Outcome {
  /** Exit status; null after a signal. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine of its own for a script: its PATH has the fakes and nothing of this machine's engines. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "flatmesh-scripts-"));
  private readonly bin = join(this.root, "bin");
  private readonly temporary = join(this.root, "tmp");

  constructor() {
    [
      "bin",
      "tmp",
      "home",
      "world",
      "world/routes",
      "world/rules",
      "world/stopped",
      "world/subnets",
      "world/containers",
      "world/owners",
      "world/claims",
      "world/images",
    ].forEach((folder) => {
      mkdirSync(join(this.root, folder));
    });
    utilities.forEach((name) => {
      symlinkSync(onPath(name), join(this.bin, name));
    });
    ["kind", "docker", "kwokctl", "kubectl"].forEach((name) => {
      this.install(name);
    });
    this.say("nodes", "control-plane\n");
    this.say("calls", "");
  }

  /** Puts a fake on the PATH, under another name perhaps. */
  install(fake: string, name = fake): void {
    copyFileSync(join(__dirname, "fakes", fake), join(this.bin, name));
    chmodSync(join(this.bin, name), 0o755);
  }

  /** Has a utility fail whenever it is called. */
  spoil(name: string): void {
    this.uninstall(name);
    symlinkSync(onPath("false"), join(this.bin, name));
  }

  uninstall(name: string): void {
    rmSync(join(this.bin, name));
  }

  /** Writes a file that the fakes look at. */
  say(file: string, text = ""): void {
    writeFileSync(join(this.root, "world", file), text);
  }

  /** Path of what was said. */
  path(file: string): string {
    return join(this.root, "world", file);
  }

  unsay(file: string): void {
    rmSync(join(this.root, "world", file));
  }

  /** A file that the fakes, or the scripts, have left; undefined where there is none. */
  read(...path: string[]): string | undefined {
    const file = join(this.root, ...path);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  }

  has(...path: string[]): boolean {
    return existsSync(join(this.root, ...path));
  }

  /** What was called since the last time of asking, without the paths of temporary files. */
  calls(): string[] {
    const calls = (this.read("world", "calls") ?? "").split("\n").filter((line) => line !== "");
    this.say("calls", "");
    return calls.map((call) =>
      call.replaceAll(/\S*\/(tmp\/tmp|\.cache\/flatmesh\/scripts\/[^/.]+)\.[^/]*/g, "<temporary>"),
    );
  }

  /** Files that the scripts should have taken away again. */
  leftovers(): string[] {
    const folders = [this.temporary, join(this.root, "home", ".cache", "flatmesh", "scripts")];
    return folders.filter(existsSync).flatMap((folder) => readdirSync(folder));
  }

  /** Runs a script as the program has the command provider run it: in a POSIX shell, from the environment. */
  run(script: string, environment: Readonly<Record<string, string>>, input = ""): Promise<Outcome> {
    return this.start(script, environment, input).outcome;
  }

  start(
    script: string,
    environment: Readonly<Record<string, string>>,
    input = "",
  ): { readonly process: ChildProcess; readonly outcome: Promise<Outcome> } {
    const process = spawn(join(this.bin, "sh"), ["-c", 'eval "$SCRIPT"'], {
      env: {
        SCRIPT: textOf(script),
        OWNERSHIP: textOf("ownership.sh"),
        PRIVATE_WORKDIR: textOf("workdir.sh"),
        PATH: this.bin,
        HOME: join(this.root, "home"),
        XDG_CACHE_HOME: "",
        TMPDIR: this.temporary,
        WORLD: join(this.root, "world"),
        KWOK_WORKDIR: join(this.root, "home", ".kwok"),
        ...environment,
      },
    });
    const text = { stdout: "", stderr: "" };
    process.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
    process.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
    // A script that refuses at once does not read its input.
    process.stdin.on("error", () => undefined);
    process.stdin.end(input);
    const outcome = new Promise<Outcome>((resolve) => {
      process.on("close", (status) => {
        resolve({ status, ...text });
      });
    });
    return { process, outcome };
  }

  folder(...path: string[]): void {
    mkdirSync(join(this.root, ...path), { recursive: true });
  }

  clear(...path: string[]): void {
    rmSync(join(this.root, ...path), { recursive: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

function onPath(name: string): string {
  const folder = (process.env["PATH"] ?? "").split(delimiter).find((entry) => existsSync(join(entry, name)));
  if (folder === undefined) {
    throw new Error(`The scripts need ${name}, which is not on the PATH of ${dirname(__dirname)}'s tests`);
  }
  return join(folder, name);
}

/** Waits until something is there. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition();) {
    if (Date.now() > end) {
      throw new Error("what a test waits for did not come within 10 s");
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
