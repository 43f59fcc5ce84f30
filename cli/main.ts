/** The command line: `npx flatmesh <command>`, and the npm scripts of the same commands. */
import { createRequire } from "node:module";
import { printable } from "../printable";
import { runCommandLine } from "./command-line";

// Each command loads what it needs when it is run, so that help comes at once: they load Pulumi's SDK, which takes seconds.
const load = createRequire(__filename);

runCommandLine(
  process.argv.slice(2),
  {
    rehearse: (options) =>
      (load("../rehearsal/command") as typeof import("../rehearsal/command")).rehearseStack(options),
    check: (options) => (load("../checks/command") as typeof import("../checks/command")).checkMesh(options),
    kubeconfig: (options) =>
      (load("../kubeconfig/command") as typeof import("../kubeconfig/command")).printKubeconfig(options),
  },
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    process.stderr.write(`${printable(stack)}\n`);
    process.exitCode = 1;
  },
);
