import { Option } from "@commander-js/extra-typings";
import { chartNames } from "../settings/guarded-values";
import { describedCommand, type Handler } from "./command";
import { ownStack, text } from "./values";

export interface ChartValuesOptions {
  readonly stack: string;
  /** The mesh's name of a cluster. */
  readonly cluster?: string | undefined;
  readonly chart?: (typeof chartNames)[number] | undefined;
}

/** `flatmesh values`, which is `npm run values` too. */
export function chartValuesCommand(handler: Handler<ChartValuesOptions>, finish: (exitCode: number) => void) {
  return describedCommand("values", {
    summary: "show the Helm values of a stack's releases, and where each is from",
    description:
      "Prints the values that a stack's settings, Pulumi.<name>.yaml, give each chart in each cluster, as YAML, with a comment at each " +
      "that names the setting it is from, or flatmesh. It reads that file alone: no cluster and no state.",
    notes: "What is encrypted is not shown. Exit code: 0, or 2 when it fails.",
  })
    .requiredOption("--stack <name>", "the stack", ownStack)
    .option("--cluster <name>", "only the releases in this cluster", text)
    .addOption(new Option("--chart <name>", "only the releases of this chart").choices(chartNames))
    .action(async (options) => {
      finish(await handler(options));
    });
}
