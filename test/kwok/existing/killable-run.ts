/**
 * An `up` in a process of its own, so that a test can kill it with its engine and its plugins: its arguments are a folder, and the
 * name of a stack there. Standard input: the stack's settings, JSON. The program asks the CLI as one does that the CLI has started.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../../settings";
import { openedIn } from "./found-cluster";

async function main(): Promise<void> {
  const [, , folder = "", name = ""] = process.argv;
  const stack = await openedIn(folder, name, JSON.parse(readFileSync(0, "utf8")) as Config);
  const { workspace } = stack;
  // A state that is written at the end alone has no pending operations.
  const { PULUMI_SKIP_CHECKPOINTS, PULUMI_EXPERIMENTAL, ...environment } = workspace.envVars;
  workspace.envVars = environment;
  Object.assign(process.env, environment, {
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG: "{}",
  });
  const { summary } = await stack.up();
  process.stdout.write(`${JSON.stringify(summary.resourceChanges)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
