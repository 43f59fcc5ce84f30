import { differ, withUnknown } from "../protocol/difference";
import type { Call, Failure, Provider, ResourceType } from "../protocol/provider";
import { asText, hasUnknown, revealProps, same } from "../protocol/values";
import type { Props, Value } from "../protocol/values";
import { run } from "./shell";
import type { Output } from "./shell";
import { randomBytes } from "node:crypto";

const OUTPUTS = ["stdout", "stderr"];
const INPUTS = new Set([
  "create",
  "update",
  "delete",
  "triggers",
  "stdin",
  "logging",
  "interpreter",
  "dir",
  "environment",
  "addPreviousOutputInEnv",
]);
const LOGGING = ["stdout", "stderr", "stdoutAndStderr", "none"];

const command: ResourceType = {
  check: (inputs) => ({ inputs, failures: [...unsupported(inputs), ...badLogging(inputs.logging)] }),

  // Elements of `triggers` replace too: the SDK asks the engine for that with replaceOnChanges.
  diff: (old, inputs) => differ(old.inputs, inputs, (path) => path.length === 1 && path[0] === "triggers"),

  create: async (inputs, call) => {
    if (call.preview) {
      return { id: "", state: withUnknown(inputs, OUTPUTS) };
    }
    const output = await perform(inputs.create, inputs, { stdout: "", stderr: "" }, call);
    return { id: `${call.name}${randomBytes(4).toString("hex")}`, state: { ...inputs, ...output } };
  },

  update: async (old, inputs, call) => {
    if (call.preview) {
      const changed = hasUnknown(inputs) || Object.keys(inputs).some((key) => !same(inputs[key], old.state[key]));
      return changed ? withUnknown(inputs, OUTPUTS) : { ...inputs, ...outputOf(old.state) };
    }
    const output = await perform(inputs.update ?? inputs.create, inputs, outputOf(old.state), call);
    return { ...inputs, ...output };
  },

  delete: async (old, call) => {
    await perform(old.state.delete, old.state, outputOf(old.state), call);
  },
};

/** Runs the line, or leaves the output as it was when there is none. */
async function perform(line: Value | undefined, inputs: Props, previous: Output, call: Call): Promise<Props> {
  const output =
    line === undefined || line === null ? previous : await run(asText(line), revealProps(inputs), previous, call);
  return { ...output };
}

function outputOf(state: Props): Output {
  return { stdout: asText(state.stdout), stderr: asText(state.stderr) };
}

function unsupported(inputs: Props): Failure[] {
  return Object.keys(inputs)
    .filter((property) => !INPUTS.has(property))
    .map((property) => ({
      property,
      reason: "the stand-in for Pulumi's command plugin (rehearsal/plugins/command) does not play this input",
    }));
}

function badLogging(logging: Value | undefined): Failure[] {
  return logging === undefined || hasUnknown(logging) || LOGGING.includes(asText(logging))
    ? []
    : [{ property: "logging", reason: `must be one of ${LOGGING.join(", ")}` }];
}

/** Shell commands of this machine. */
export const localCommand: Provider = {
  name: "command",
  resource: (type) => (type === "command:local:Command" ? command : undefined),
  invoke: (token, args, call) =>
    token === "command:local:run"
      ? run(asText(args.command), args, {}, call).then((output) => ({ ...args, ...output }))
      : undefined,
};
