/** `npm run kubeconfig`: hands out the way to a cluster of a stack, to whoever may decrypt the stack's state. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SourceError } from "../checks";
import { KubeconfigError } from "../observe";
import { printable } from "../printable";
import { handOut } from "./hand-out";

const usage = `npm run kubeconfig -- --stack NAME [options]

Lists the clusters of a deployed stack, or hands out the kubeconfig of one, whose user is its administrator.
  --stack NAME       the stack
  --cluster CLUSTER  prints the kubeconfig of this cluster
  --file FILE        writes it into a file, which only you can read, instead of printing it
  --rehearsal        the clusters of the stack's rehearsal
  --help             this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      cluster: { type: "string" },
      file: { type: "string" },
      rehearsal: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const { stack = "", cluster, file, rehearsal } = values;
  if (!/^[\w-][\w./-]*$/.test(stack)) {
    throw new SourceError(`Name a stack.\n\n${usage}`);
  }
  const folder = join(__dirname, "..");
  process.stdout.write(
    await handOut({
      folder,
      stack,
      rehearsal,
      ...(cluster !== undefined && { cluster }),
      // npm runs scripts in the project's folder, wherever it was called.
      ...(file !== undefined && { file: resolve(process.env["INIT_CWD"] ?? "", file) }),
    }),
  );
}

main().catch((error: unknown) => {
  const misused = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const expected = misused || error instanceof SourceError || error instanceof KubeconfigError;
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${printable(expected ? message : stack)}\n${misused ? `\n${usage}\n` : ""}`);
  process.exitCode = 2;
});
