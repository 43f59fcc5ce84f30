import { Option } from "@commander-js/extra-typings";
import type { Link } from "../checks";
import { describedCommand, type Handler } from "./command";
import { anyStack, links, names } from "./values";

export interface CheckOptions {
  /** The mesh: a stack, or contexts of a kubeconfig. Both are absent only where `list` is set. */
  readonly stack?: string | undefined;
  readonly contexts?: readonly string[] | undefined;
  readonly rehearsal?: boolean | undefined;
  readonly links?: readonly Link[] | undefined;
  readonly precheck?: boolean | undefined;
  /** Ids of checks. */
  readonly only?: readonly string[] | undefined;
  readonly list?: boolean | undefined;
  readonly verbose?: boolean | undefined;
  readonly output: "text" | "json" | "junit";
}

/** `flatmesh check`, which is `npm run check` too. */
export function checkCommand(handler: Handler<CheckOptions>, finish: (exitCode: number) => void) {
  return describedCommand("check", {
    summary: "check a mesh: what holds, what does not, and what to do",
    description:
      "Reads every cluster of a mesh and reports, check by check, what holds, what does not, and what to do about it. It " +
      "changes nothing. Name the mesh with --stack or --contexts.",
    notes: "Exit code: 0 when every check holds, 1 when one fails, 2 when one could not read the mesh.",
  })
    .addOption(
      new Option("--stack <name>", "a deployed stack, or its rehearsal if it is not deployed")
        .argParser(anyStack)
        .conflicts("contexts"),
    )
    .addOption(
      new Option("--rehearsal", "the stack's rehearsal, even if the stack is deployed").conflicts([
        "contexts",
        "precheck",
      ]),
    )
    .option(
      "--contexts <names>",
      "clusters by contexts of your kubeconfig (A,B): any mesh, however it was installed",
      names,
    )
    .addOption(
      new Option(
        "--links <links>",
        "with --contexts: who may call whom (A>B,B>A); by default each cluster may call all others",
      )
        .argParser(links)
        .conflicts("stack"),
    )
    .option(
      "--precheck",
      "before an install: are these clusters ready for a mesh? (with --stack, those in its settings)",
    )
    .option("--only <ids>", "only these checks (A,B)", names)
    .option("--list", "print the ids and titles of the checks, and read no cluster")
    .option("--verbose", "also report what holds")
    .addOption(
      new Option("--output <format>", "how the result is printed").choices(["text", "json", "junit"]).default("text"),
    )
    .action(async (options, command) => {
      if (options.stack === undefined && options.contexts === undefined && options.list !== true) {
        command.error("error: name a mesh: --stack NAME, or --contexts A,B");
      }
      finish(await handler(options));
    });
}
