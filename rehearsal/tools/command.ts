import { spawn, type ChildProcess } from "node:child_process";
import { withoutCredentials } from "./errors";

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment; by default, that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the command after this time; by default, it has no limit. */
  readonly timeoutMs?: number;
}

/** A command could not be started, was ended, or failed. The message has the end of its output. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

const running = new Set<ChildProcess>();

function endRunning(): void {
  for (const child of running) {
    child.kill();
  }
}

// No build may outlive the rehearsal that needs it, however that ends.
process.on("exit", endRunning);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    endRunning();
    // Other listeners decide how to go on; if there are none, the signal has its default effect.
    if (process.listenerCount(signal) === 0) {
      process.kill(process.pid, signal);
    }
  });
}

/** Runs a program without a shell and returns what it wrote to stdout; throws a CommandError if it fails. */
export async function run(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    timeout: options.timeoutMs,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  const what = [file, ...args].join(" ");
  try {
    await new Promise<void>((resolve, reject) => {
      child.once("error", (error) => {
        reject(new CommandError(`\`${what}\` could not be started: ${error.message}`));
      });
      child.once("close", (code, signal) => {
        if (code === 0) {
          resolve();
          return;
        }
        const end = code === null ? `was ended by ${signal ?? "a signal"}` : `failed with exit code ${String(code)}`;
        reject(new CommandError(`\`${what}\` ${end}:\n${lastLines([...stderr, ...stdout])}`));
      });
    });
  } finally {
    running.delete(child);
  }
  return Buffer.concat(stdout).toString("utf8");
}

function lastLines(output: readonly Buffer[]): string {
  const text = withoutCredentials(Buffer.concat(output).toString("utf8"));
  return text
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("go: downloading "))
    .slice(-12)
    .map((line) => `  ${line}`)
    .join("\n");
}
