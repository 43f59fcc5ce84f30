import { relative } from "node:path";
import { isTrouble, type Report, textReport } from "../checks";
import { rules } from "../policy/rules";
import type { Console } from "./console";
import { kubeconfigFile, type Results } from "./results";

export interface SummaryOptions {
  readonly stack: string;
  /** The rehearsal's folder. */
  readonly folder: string;
  /** The folder that paths are shown relative to. */
  readonly from: string;
  /** Shows addresses, the diagram and every check too. */
  readonly verbose: boolean;
  /** Whether the console shows colours. */
  readonly colour: boolean;
}

/**
 * Prints at the end of a rehearsal what is running, what passed, and what to do next. What failed comes last, where it is not
 * overlooked.
 */
export function printSummary(results: Results, options: SummaryOptions, console: Console): void {
  const { stack, verbose, colour } = options;
  console.print();
  printClusters(results, options, console);
  if (verbose) {
    printDetails(results, console);
  }
  console.print();
  printPassed(results, stack, console);
  console.print();
  printNext(results, options, console);
  printViolations(results.violations, console);
  if (results.report) {
    printChecks(results.report, verbose, colour, console);
  }
}

function printClusters({ clusters, links, missingPeers }: Results, options: SummaryOptions, console: Console): void {
  const names = Object.keys(clusters);
  const width = Math.max(0, ...names.map((name) => name.length));
  console.print(
    names.length === 0
      ? `Running: no clusters; stack ${options.stack} has none`
      : `Running: ${counted(names.length, "cluster")}, each with a real API server; nodes and pods only report that they run`,
  );
  for (const cluster of names) {
    const to = links.filter(({ from }) => from === cluster).map((link) => link.to);
    const linked = to.length === 0 ? "no links" : `linked to ${to.join(", ")}`;
    console.print(`  ${cluster.padEnd(width)}  ${shownFile(cluster, options)}  ${linked}`);
  }
  if (missingPeers.length > 0) {
    console.print(`  missing peers: ${missingPeers.join(", ")}`);
  }
}

function printDetails({ eastWestAddresses, links, topology }: Results, console: Console): void {
  console.print();
  console.print("East-west addresses");
  for (const [cluster, { value }] of Object.entries(eastWestAddresses)) {
    console.print(`  ${cluster}  ${value}`);
  }
  console.print("Links");
  for (const { from, to, via } of links) {
    console.print(`  ${from} → ${to}  (${via})`);
  }
  console.print();
  console.lines(topology.trimEnd());
}

function printPassed({ report, violations }: Results, stack: string, console: Console): void {
  const violated = new Set(violations.map(({ rule }) => rule)).size;
  const passed = [
    ...(report ? [counted(report.summary.passed, "check")] : []),
    `${String(rules.length - violated)} of ${String(rules.length)} policies`,
  ];
  console.print(`Passed: ${passed.join(", ")}`);
  const hidden = report?.summary.notObservable ?? 0;
  if (hidden > 0) {
    console.print(
      `${counted(hidden, "more check needs", "more checks need")} running pods: deploy the stack to kind or existing clusters ` +
        `(pulumi up --stack ${stack}), then npm run check -- --stack ${stack}`,
    );
  }
}

function printNext({ clusters, kubectl }: Results, options: SummaryOptions, console: Console): void {
  const { stack } = options;
  const [first] = Object.keys(clusters);
  if (first !== undefined) {
    console.print(
      `Inspect it:    ${shellWord(kubectl)} --kubeconfig ${shownFile(first, options)} get gateways,pods -A`,
    );
  }
  console.print(`Change it:     edit Pulumi.${stack}.yaml, then npm start -- --stack ${stack}`);
  console.print(`Take it down:  npm start -- --stack ${stack} --down`);
}

function printViolations(violations: Results["violations"], console: Console): void {
  if (violations.length === 0) {
    return;
  }
  console.print();
  console.print("Violated policies, as `pulumi preview --policy-pack policy` would report them");
  for (const { rule, level, urn, message } of violations) {
    const resource = urn === undefined ? "" : `, ${urn.slice(urn.lastIndexOf("::") + 2)}`;
    console.print(`  ${rule} (${level})${resource}: ${message}`);
  }
}

/** Every check if verbose, else those that found something. */
function printChecks(report: Report, verbose: boolean, colour: boolean, console: Console): void {
  const found = report.checks.filter(({ status }) => isTrouble(status));
  if (!verbose && found.length === 0) {
    return;
  }
  console.print();
  console.print(verbose ? "Checks" : "Checks that found a problem");
  console.write(textReport({ ...report, checks: verbose ? report.checks : found }, { colour, verbose }).trimEnd());
}

function shownFile(cluster: string, { folder, from }: SummaryOptions): string {
  const file = kubeconfigFile(folder, cluster);
  const path = relative(from, file);
  return shellWord(path.startsWith("..") ? file : path);
}

/** Quoted for a command that is copied into a shell. */
function shellWord(text: string): string {
  return /^[\w./@%+:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}
