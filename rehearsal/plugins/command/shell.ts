import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { PassThrough } from "node:stream";
import type { Call } from "../protocol/provider";
import type { JsonObject } from "../protocol/values";

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs one command line with the settings of a Command or a run: `dir`, `interpreter`, `environment`, `stdin`,
 * `logging` and `addPreviousOutputInEnv`. Fails as the real plugin does: with the command and all that it printed, so
 * nothing secret belongs in either.
 */
export async function run(line: string, inputs: JsonObject, previous: Partial<Output>, call: Call): Promise<Output> {
  const [program = "/bin/sh", ...before] = texts(inputs.interpreter) ?? ["/bin/sh", "-c"];
  const child = spawn(program, [...before, line], {
    cwd: typeof inputs.dir === "string" ? inputs.dir : process.cwd(),
    env: { ...process.env, ...environment(inputs.environment), ...previousOutput(inputs, previous) },
    stdio: ["pipe", "pipe", "pipe"],
    signal: call.signal,
    killSignal: "SIGKILL",
  });
  // A command that does not read its input closes the pipe: that is its business.
  child.stdin.on("error", () => undefined);
  child.stdin.end(typeof inputs.stdin === "string" ? inputs.stdin : "");

  const parts: Record<keyof Output, Buffer[]> = { stdout: [], stderr: [] };
  const both: Buffer[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].on("data", (chunk: Buffer) => {
      parts[stream].push(chunk);
      both.push(chunk);
    });
    if (logged(inputs.logging, stream)) {
      createInterface({ input: child[stream].pipe(new PassThrough()) }).on("line", (text) => {
        call.log("info", text, true);
      });
    }
  }
  const outcome = await new Promise<string | undefined>((resolve) => {
    child.on("error", (error) => {
      resolve(error.message);
    });
    child.on("close", (code, signal) => {
      resolve(signal !== null ? `signal: ${signal}` : code === 0 ? undefined : `exit status ${String(code)}`);
    });
  });
  if (outcome !== undefined) {
    throw new Error(`${outcome}: running ${JSON.stringify(line)}:\n${Buffer.concat(both).toString()}`);
  }
  return { stdout: withoutNewline(parts.stdout), stderr: withoutNewline(parts.stderr) };
}

function texts(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}

function environment(value: unknown): Record<string, string> {
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
    : {};
}

function previousOutput(inputs: JsonObject, { stdout, stderr }: Partial<Output>): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) {
    return {};
  }
  return {
    ...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
    ...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
  };
}

function logged(logging: unknown, stream: keyof Output): boolean {
  return logging === undefined || logging === null || logging === "stdoutAndStderr" || logging === stream;
}

function withoutNewline(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString().replace(/\n$/, "");
}
