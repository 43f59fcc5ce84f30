/** `npm run check`: looks at a mesh, says what holds and what does not, and changes nothing. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { closest } from "fastest-levenshtein";
import { printable } from "../printable";
import {
  type Check,
  checks,
  checkSource,
  fromContexts,
  fromSettings,
  fromStack,
  jsonReport,
  type Link,
  junitReport,
  prechecks,
  type Report,
  type Source,
  SourceError,
  textReport,
} from "./index";
import { Progress } from "./progress";

const usage = `npm run check -- --stack NAME | --contexts A,B [options]

Looks at every cluster of a mesh and says, check by check, what holds, what does not, and what to do. Changes nothing.
  --stack NAME      a deployed stack, by its outputs; its rehearsal, if it is not deployed
  --rehearsal       the stack's rehearsal, whether it is deployed or not
  --contexts A,B    clusters by contexts of your kubeconfig: any mesh, whoever has made it
  --links A>B,B>A   who may call whom, for contexts; left out: every cluster every other one
  --precheck        before an install: are these clusters fit for a mesh? (with --stack, those that its settings name)
  --only IDS        these checks alone, with commas in between
  --list            the checks, and nothing else
  --verbose         tells of what holds as well
  --output FORMAT   text (the default), json or junit
  --help            this text

Exit code: 0 when every check holds, 1 when one fails, 2 when one could not look.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      stack: { type: "string" },
      rehearsal: { type: "boolean", default: false },
      contexts: { type: "string" },
      links: { type: "string" },
      precheck: { type: "boolean", default: false },
      only: { type: "string" },
      list: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      output: { type: "string", default: "text" },
      help: { type: "boolean", default: false },
    },
  });
  const known = values.precheck ? prechecks : checks;
  if (values.help || values.list) {
    print(values.help ? usage : known.map(({ id, title }) => `${id.padEnd(24)}${title}`).join("\n"));
    return 0;
  }
  const render = renderers[values.output];
  if (render === undefined) {
    throw new SourceError(`--output ${values.output} is none of ${Object.keys(renderers).join(", ")}.`);
  }
  const chosen = values.only === undefined ? known : choose(known, values.only);
  const source = await sourceOf(values);
  const progress = new Progress(chosen.length);
  const report = await checkSource(source, values.precheck ? "precheck" : "check", chosen, (result) => {
    progress.settled(result);
  });
  progress.end();
  print(render(report, values.verbose));
  return report.exitCode;
}

const renderers: Readonly<Record<string, (report: Report, verbose: boolean) => string>> = {
  text: (report, verbose) => textReport(report, { colour: isColourful(), verbose }),
  json: jsonReport,
  junit: junitReport,
};

interface Wanted {
  readonly stack?: string | undefined;
  readonly contexts?: string | undefined;
  readonly links?: string | undefined;
  readonly precheck: boolean;
  readonly rehearsal: boolean;
}

function sourceOf({ stack, contexts, links, precheck, rehearsal }: Wanted): Promise<Source> {
  const folder = join(__dirname, "..");
  if ((stack === undefined) === (contexts === undefined)) {
    throw new SourceError(`Name either a stack or contexts.\n\n${usage}`);
  }
  if (contexts !== undefined) {
    const names = contexts
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "");
    if (names.length === 0 || new Set(names).size < names.length) {
      throw new SourceError(`--contexts ${contexts}: name at least one, and each once.`);
    }
    return fromContexts(names, links === undefined ? undefined : linksIn(links));
  }
  const name = stack ?? "";
  if (!/^[\w-][\w./-]*$/.test(name)) {
    throw new SourceError(`${name} is no name of a stack.`);
  }
  return precheck ? fromSettings(folder, name) : fromStack(folder, name, rehearsal);
}

function linksIn(text: string): Link[] {
  return text.split(",").map((link) => {
    const [, from, to] = /^\s*([\w.-]+)\s*>\s*([\w.-]+)\s*$/.exec(link) ?? [];
    if (from === undefined || to === undefined) {
      throw new SourceError(`--links ${text}: write the clusters' names in the mesh, such as "east>west,west>east".`);
    }
    return { from, to };
  });
}

function choose(known: readonly Check[], only: string): Check[] {
  return only.split(",").map((id) => {
    const check = known.find((one) => one.id === id.trim());
    if (check === undefined) {
      const ids = known.map((one) => one.id);
      throw new SourceError(
        `--only: there is no check ${id.trim()}. Did you mean ${closest(id.trim(), ids)}? There are ${ids.join(", ")}.`,
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

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const misused = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    const told = printable(misused || error instanceof SourceError ? message : stack);
    process.stderr.write(`${told}\n${misused ? `\n${usage}\n` : ""}`);
    process.exitCode = 2;
  },
);
