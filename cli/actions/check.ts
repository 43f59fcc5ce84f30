import { join } from "node:path";
import { closest } from "fastest-levenshtein";
import {
  type Check,
  checks,
  checkSource,
  fromContexts,
  fromSettings,
  fromStack,
  jsonReport,
  junitReport,
  prechecks,
  type Report,
  type Source,
  SourceError,
  textReport,
} from "../../checks";
import { Progress } from "../../checks/progress";
import type { CheckOptions } from "../check";
import { printFailure } from "../failure";

/** Reads a mesh, reports what holds and what does not, and changes nothing. Resolves to the exit code. */
export async function checkMesh(options: CheckOptions): Promise<number> {
  try {
    return await check(options);
  } catch (error) {
    printFailure(error, [SourceError]);
    return 2;
  }
}

async function check({
  only,
  list,
  precheck = false,
  output,
  verbose = false,
  ...mesh
}: CheckOptions): Promise<number> {
  const known = precheck ? prechecks : checks;
  if (list) {
    print(known.map(({ id, title }) => `${id.padEnd(24)}${title}`).join("\n"));
    return 0;
  }
  const chosen = only === undefined ? known : choose(known, only);
  const source = await sourceOf(mesh, precheck);
  const progress = new Progress(chosen.length, { findings: output === "text" });
  const report = await checkSource(source, precheck ? "precheck" : "check", chosen, {
    found: (one, finding) => {
      progress.found(one, finding);
    },
    settled: (one) => {
      progress.settled(one);
    },
  });
  progress.end();
  print(renderers[output](report, verbose));
  return report.exitCode;
}

const renderers: Readonly<Record<CheckOptions["output"], (report: Report, verbose: boolean) => string>> = {
  text: (report, verbose) => textReport(report, { colour: isColourful(), verbose }),
  json: jsonReport,
  junit: junitReport,
};

async function sourceOf(
  { stack, contexts, links, rehearsal = false }: Pick<CheckOptions, "stack" | "contexts" | "links" | "rehearsal">,
  precheck: boolean,
): Promise<Source> {
  const folder = join(__dirname, "..", "..");
  if (stack === undefined) {
    return fromContexts(contexts ?? [], links);
  }
  return precheck ? fromSettings(folder, stack) : fromStack(folder, stack, rehearsal);
}

function choose(known: readonly Check[], ids: readonly string[]): Check[] {
  return ids.map((id) => {
    const check = known.find((one) => one.id === id);
    if (check === undefined) {
      const all = known.map((one) => one.id);
      throw new SourceError(
        `--only: there is no check ${id}. Did you mean ${closest(id, all)}? There are ${all.join(", ")}.`,
      );
    }
    return check;
  });
}

function isColourful(): boolean {
  return process.stdout.isTTY && !process.env["NO_COLOR"];
}

/** Text of our own, or a report, which is printable. */
function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
