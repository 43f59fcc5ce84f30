import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The output of Pulumi's CLI, or why it fails. Its error messages contain no secrets; its output may, and is never quoted. */
export type Answer = { readonly value: unknown } | { readonly reason: string };

/** Asks Pulumi's CLI about a stack of the project in a folder. */
export async function askPulumi(folder: string, args: readonly string[]): Promise<Answer> {
  try {
    const { stdout } = await promisify(execFile)("pulumi", [...args, "--non-interactive"], {
      cwd: folder,
      maxBuffer: 2 ** 28,
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return { value: JSON.parse(stdout) as unknown };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { reason: "pulumi is not on the PATH" };
    }
    const { stderr } = error as { readonly stderr?: string };
    return {
      reason:
        stderr
          ?.trim()
          .split("\n")[0]
          ?.replace(/^error: /, "") || "pulumi does not answer",
    };
  }
}
