/** The command line: `npx flatmesh <command>`, and the npm scripts of the same commands. */
import { createRequire } from "node:module";
import { runCommandLine } from "./command-line";
import { printFailure } from "./failure";

// Each command loads what it needs when it is run, so that help comes at once: they load Pulumi's SDK, which takes seconds.
const load = createRequire(__filename);

runCommandLine(
  process.argv.slice(2),
  {
    rehearse: (options) => (load("./actions/rehearse") as typeof import("./actions/rehearse")).rehearseStack(options),
    check: async (options) => {
      const exitCode = await (load("./actions/check") as typeof import("./actions/check")).checkMesh(options);
      // What a check has given up waiting for would keep the process.
      process.stdout.write("", () => process.exit(exitCode));
      return exitCode;
    },
    kubeconfig: (options) =>
      (load("./actions/kubeconfig") as typeof import("./actions/kubeconfig")).printKubeconfig(options),
    values: (options) =>
      (load("./actions/chart-values") as typeof import("./actions/chart-values")).printChartValues(options),
  },
  { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (error: unknown) => {
    printFailure(error, []);
    process.exitCode = 1;
  },
);
