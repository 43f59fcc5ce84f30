import { relative } from "node:path";
import { parseArgs } from "node:util";
import { type Report, textReport } from "../checks";
import { rules } from "../policy/rules";
import { printable } from "../printable";
import { SettingsError } from "../settings";
import { Console } from "./console";
import { takeDown } from "./down";
import { RunEnded, watchForEnd } from "./ending";
import { projectFolder, rehearsalFolder } from "./program";
import { rehearse } from "./rehearse";
import { kubeconfigFile, type Results } from "./results";
import { readStackFile, RehearsalError, stackName } from "./stack-file";
import { ToolError } from "./tools";

const usage = `npm start -- [--stack NAME] [--down]

Rehearses a stack (default: dev) on throwaway control planes, with the real engine.
  --stack NAME  the stack whose settings, Pulumi.NAME.yaml, are rehearsed
  --down        take the rehearsal of the stack away again
  --help        this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", default: "dev" },
      down: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { stack } = values;
  if (!stackName.test(stack)) {
    throw new RehearsalError(`${stack} is no name of a stack: write the one that stands in Pulumi.<name>.yaml.`);
  }
  const folder = rehearsalFolder(stack);
  const console = new Console();
  if (values.help) {
    console.lines(usage);
  } else if (values.down) {
    const there = await takeDown(folder);
    console.print(there ? `The rehearsal of ${stack} is gone.` : `There is no rehearsal of ${stack}.`);
  } else {
    const end = await watchForEnd();
    const keys = await readStackFile(projectFolder, stack);
    const results = await rehearse({ stack, keys, project: projectFolder, folder }, console, end);
    report(stack, results, console);
    const violated = results.violations.some(({ level }) => level === "mandatory");
    if (violated || results.report?.exitCode) {
      process.exitCode = 1;
    }
  }
}

function report(stack: string, results: Results, console: Console): void {
  const folder = rehearsalFolder(stack);
  console.step(`done: ${changesText(results.changes)}`);
  console.print();
  console.print("East-west addresses");
  for (const [cluster, { value }] of Object.entries(results.eastWestAddresses)) {
    console.print(`  ${cluster}  ${value}`);
  }
  console.print("Links");
  for (const { from, to, via } of results.links) {
    console.print(`  ${from} → ${to}  (${via})`);
  }
  if (results.missingPeers.length > 0) {
    console.print(`Missing peers: ${results.missingPeers.join(", ")}`);
  }
  console.print();
  console.lines(results.topology);
  console.print("Next");
  for (const cluster of Object.keys(results.clusters)) {
    const file = relative(process.cwd(), kubeconfigFile(folder, cluster));
    console.print(`  look into ${cluster}:  kubectl --kubeconfig ${file} get gateways -A`);
  }
  console.print(`  change Pulumi.${stack}.yaml and rehearse again:  npm start -- --stack ${stack}`);
  console.print(`  check it again:  npm run check -- --stack ${stack} --rehearsal`);
  console.print(`  for real:  pulumi up --stack ${stack}`);
  console.print(`  take the rehearsal away:  npm start -- --stack ${stack} --down`);
  console.print();
  reportPolicies(results.violations, console);
  if (results.report) {
    reportChecks(results.report, console);
  }
}

function reportChecks(report: Report, console: Console): void {
  console.print();
  console.print("Checks, of what can be seen without running pods");
  console.write(textReport(report, { colour: process.stdout.isTTY && !process.env["NO_COLOR"], verbose: false }));
}

/** At the very end, where what is wrong is not overlooked. */
function reportPolicies(violations: Results["violations"], console: Console): void {
  if (violations.length === 0) {
    console.print(`Policies: all ${String(rules.length)} hold`);
    return;
  }
  console.print("Policies: these are against it, as `pulumi preview --policy-pack policy` would say");
  for (const { rule, level, urn, message } of violations) {
    const resource = urn === undefined ? "" : `, ${urn.slice(urn.lastIndexOf("::") + 2)}`;
    console.print(`  ${rule} (${level})${resource}: ${message}`);
  }
}

/** `77 create`, or `3 update, 74 same`. */
function changesText(changes: Results["changes"]): string {
  return Object.entries(changes)
    .map(([operation, count]) => `${String(count)} ${operation}`)
    .join(", ");
}

main().catch((error: unknown) => {
  if (error instanceof RunEnded) {
    process.stderr.write(`${printable(error.message)}\n`);
    // What the run has begun still waits in this process, for an engine that is gone.
    process.exit(error.exitCode);
  }
  const misused = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  const expected = misused || [SettingsError, RehearsalError, ToolError].some((kind) => error instanceof kind);
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${printable(expected ? message : stack)}\n${misused ? `\n${usage}\n` : ""}`);
  process.exitCode = 1;
});
