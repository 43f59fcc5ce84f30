import { execFile, spawn } from "node:child_process";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };

/** Where the process finds its fourth file descriptor, the kubeconfig. */
const KUBECONFIG_FD = "/dev/fd/3";

/** A helm command that failed. */
export class HelmError extends Error {}

export interface HelmRun {
  /** Left out, helm gets no cluster. */
  readonly config?: KubeConfig;
  readonly args: readonly string[];
  readonly stdin?: string;
  /** Interrupts helm as the user's Ctrl-C would. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the `helm` that is on the PATH against a cluster; resolves with what it prints. Nothing secret goes into its
 * arguments, its environment or a file that stays: values come by stdin, and the kubeconfig by a file descriptor.
 */
export async function helm({ config, args, stdin = "", signal }: HelmRun): Promise<string> {
  const kubeconfig = await namelessFile(config?.exportConfig() ?? "");
  try {
    return await run(args, stdin, kubeconfig, signal);
  } finally {
    await kubeconfig.close();
  }
}

async function run(
  args: readonly string[],
  stdin: string,
  kubeconfig: FileHandle,
  signal: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("helm", args, {
      env: { ...ownEnvironment(), KUBECONFIG: KUBECONFIG_FD },
      stdio: ["pipe", "pipe", "pipe", kubeconfig.fd],
    });
    const interrupt = () => child.kill("SIGINT");
    signal?.addEventListener("abort", interrupt, { once: true });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    child.on("error", (error) => {
      reject(new HelmError(`helm could not be started: ${error.message}. Put Helm 3 or 4 on the PATH.`));
    });
    child.on("close", (code) => {
      signal?.removeEventListener("abort", interrupt);
      if (code === 0) {
        resolve(Buffer.concat(output).toString());
      } else {
        reject(new HelmError(Buffer.concat(errors).toString().trim() || `helm ended with status ${String(code)}`));
      }
    });
  });
}

/** Without the variables by which the user's shell may point helm to another cluster. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HELM_KUBE")));
}

/**
 * A file that has no name any more: whoever has its descriptor can read it from the start, as often as it likes
 * (on Linux, where opening `/dev/fd/3` opens the file itself again), and it is gone with the last descriptor.
 */
async function namelessFile(content: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  try {
    const path = join(folder, "config");
    await writeFile(path, content, { mode: 0o600 });
    return await open(path);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Helm's major version, asked for once. */
export async function helmMajor(): Promise<number> {
  major ??= promisify(execFile)("helm", ["version", "--template", "{{.Version}}"]).then(
    ({ stdout }) => Number(/^v(\d+)\./.exec(stdout)?.[1] ?? 3),
    () => {
      throw new HelmError("helm could not be started. Put Helm 3 or 4 on the PATH.");
    },
  );
  return major;
}

let major: Promise<number> | undefined;
