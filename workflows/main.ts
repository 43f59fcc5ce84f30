/** The steps of the workflows in .github/workflows. */
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { printable } from "../printable";
import { projectFolder } from "../rehearsal/program";
import { RehearsalError, stacksWithFiles } from "../rehearsal/stack-file";
import { stackName } from "../rehearsal/stack-name";
import { commentText } from "./comment";
import { findDrift, readDrift, writeDrift } from "./drift";
import { environmentDown, environmentUp } from "./environment";
import { GitHub } from "./github";
import { previewStack } from "./preview";
import { WorkflowError } from "./pulumi";
import { rehearseStack } from "./rehearsal";
import { readReports, writeReport } from "./reports";
import { touchedStacks, withinBounds } from "./touched";

const usage = `npm run workflow -- STEP [options]

  stacks                            the stacks of this project, as JSON
  touched                           those that a change touches, as outputs of a step: stacks, and left_out, those beyond the limit
                                    of a run; reads the changed files from standard input, separated by NUL
  preview --stack X --reports DIR   previews a stack with the policy pack, into a file of DIR
  rehearse --stack X --reports DIR  rehearses a stack, into a file of DIR
  comment --stacks JSON --left-out JSON --reports DIR
                                    prints the reports in DIR as Markdown
  publish --number N                makes standard input the one comment on a pull request
  drift --stack X --reports DIR     looks for drift, and writes what it finds into a file of DIR
  issue --stack X --reports DIR     opens, updates or closes the issue about a stack's drift, as that file says
  up --number N --template X        creates or updates a pull request's own environment
  down --number N                   destroys it

publish and issue need GH_TOKEN, and GITHUB_REPOSITORY as GitHub sets it.`;

const namesAsJson = /^\[("\w[\w.-]*"(,"\w[\w.-]*")*)?\]$/;

/** The options, and the form of their values. */
const forms = {
  stack: stackName,
  stacks: namesAsJson,
  "left-out": namesAsJson,
  reports: /./,
  number: /^[1-9]\d*$/,
  template: stackName,
} as const;
const string = { type: "string" } as const;

/** Runs one step. Returns the exit status. */
async function run(): Promise<number> {
  const options = {
    stack: string,
    stacks: string,
    "left-out": string,
    reports: string,
    number: string,
    template: string,
  };
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const given = (option: keyof typeof forms): string => {
    const value = values[option] ?? "";
    if (!forms[option].test(value)) {
      throw new WorkflowError(`--${option} is missing or not valid.\n\n${usage}`);
    }
    return value;
  };
  const stack = (): string => given("stack");
  const number = (): number => Number(given("number"));
  switch (positionals[0]) {
    case "stacks":
      return print(await stacksWithFiles(projectFolder));
    case "touched": {
      const files = (await text(process.stdin)).split("\0").filter((file) => file !== "");
      const { stacks, leftOut } = withinBounds(touchedStacks(files, await stacksWithFiles(projectFolder)));
      return print(`stacks=${JSON.stringify(stacks)}\nleft_out=${JSON.stringify(leftOut)}`);
    }
    case "preview": {
      const preview = await previewStack(stack());
      await writeReport(given("reports"), stack(), preview);
      return preview.outcome === "failed" ? 1 : 0;
    }
    case "rehearse": {
      const rehearsal = await rehearseStack(stack());
      await writeReport(given("reports"), stack(), rehearsal);
      return rehearsal.outcome === "failed" ? 1 : 0;
    }
    case "comment": {
      const names = (option: "stacks" | "left-out") => JSON.parse(given(option)) as string[];
      return print(commentText(await readReports(given("reports"), names("stacks")), names("left-out")));
    }
    case "publish":
      await gitHub().comment(number(), "pull request", await text(process.stdin));
      return 0;
    case "drift": {
      const drift = await findDrift(stack());
      process.stdout.write(`${stack()}: ${drift.outcome}\n`);
      await writeDrift(given("reports"), stack(), drift);
      return drift.outcome === "failed" ? 1 : 0;
    }
    case "issue": {
      const body = await readDrift(given("reports"), stack());
      if (body !== undefined) {
        await gitHub().issue(`drift of ${stack()}`, `Drift in stack ${stack()}`, body || undefined);
      }
      return 0;
    }
    case "up":
      return environmentUp(number(), given("template"));
    case "down":
      return environmentDown(number());
    default:
      throw new WorkflowError(usage);
  }
}

/** Texts as they are, anything else as JSON. */
function print(value: unknown): 0 {
  process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
  return 0;
}

function gitHub(): GitHub {
  const { GITHUB_REPOSITORY: repository = "" } = process.env;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) {
    throw new WorkflowError("GITHUB_REPOSITORY is not set: write owner/name, as GitHub does in its workflows.");
  }
  return new GitHub(repository);
}

/** Whether `parseArgs` has thrown it because of an unknown option or the like. */
function isMisuse(error: unknown): boolean {
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

run().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
    const expected = [WorkflowError, RehearsalError].some((kind) => error instanceof kind) || isMisuse(error);
    process.stderr.write(`${printable(expected ? message : stack)}\n`);
    process.exitCode = 1;
  },
);
