/** `npm run kubeconfig`: gives a person the way to a cluster of a stack. Outputs have none: whoever peers with the stack reads those. */
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type Access, KubeconfigError, writePrivate } from "../observe";
import { printable } from "../printable";
import { fromRehearsal, keptBy, rehearsalOf, rehearsedAccess, SourceError } from "./sources";

const usage = `npm run kubeconfig -- --stack NAME [--cluster NAME [--file F]] [--rehearsal]

Prints the kubeconfig of a cluster, as the stack's state has it: it is an administrator's, so keep it where others can't read.
  --stack NAME    a deployed stack
  --cluster NAME  the cluster; left out, the names of all are printed
  --file F        writes it into this file, which only you can read, in place of one that is there
  --rehearsal     the stack's rehearsal
  --help          this text`;

/** The ways to the clusters of a stack, by the mesh's names of them. */
async function accesses(stack: string, rehearsal: boolean): Promise<Map<string, () => Access>> {
  const project = join(__dirname, "..");
  if (rehearsal) {
    const folder = rehearsalOf(project, stack);
    const { clusters } = fromRehearsal(folder, stack).mesh;
    return new Map(clusters.map(({ name }) => [name, () => rehearsedAccess(folder, name)]));
  }
  const kept = await keptBy(project, stack);
  return new Map(kept.map(({ name, access }) => [name, () => access()]));
}

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
  const { stack, cluster, file, rehearsal, help } = values;
  if (help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  if (stack === undefined) {
    throw new SourceError(`Which stack? Name it: npm run kubeconfig -- --stack NAME\n\n${usage}`);
  }
  if (file !== undefined && cluster === undefined) {
    throw new SourceError("--file takes the kubeconfig of one cluster: name it with --cluster.");
  }
  const known = await accesses(stack, rehearsal);
  const names = [...known.keys()].sort();
  if (cluster === undefined) {
    process.stdout.write(names.map((name) => `${printable(name)}\n`).join(""));
    return;
  }
  const access = known.get(cluster);
  if (access === undefined) {
    throw new SourceError(
      `Stack ${stack} has no cluster ${cluster}: it has ${names.join(", ") || "none. Run pulumi up on it first"}.`,
    );
  }
  const { kubeconfig } = access();
  if (file === undefined) {
    process.stdout.write(kubeconfig);
    return;
  }
  try {
    // npm runs scripts in the project's folder, wherever it was called.
    writePrivate(resolve(process.env["INIT_CWD"] ?? "", file), kubeconfig);
  } catch {
    throw new SourceError(
      `${file} can't be written. See that its folder is there, that you may write into it, and that it is no folder itself.`,
    );
  }
}

main().catch((error: unknown) => {
  const misused = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const expected = misused || error instanceof SourceError || error instanceof KubeconfigError;
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${printable(expected ? message : stack)}\n${misused ? `\n${usage}\n` : ""}`);
  process.exitCode = 1;
});
