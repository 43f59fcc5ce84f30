import { describedCommand, type Handler } from "./command";
import { ownStack } from "./values";

export interface RehearseOptions {
  readonly stack: string;
  readonly down?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** `flatmesh rehearse`, which is `npm start` too. */
export function rehearseCommand(handler: Handler<RehearseOptions>, finish: (exitCode: number) => void) {
  return describedCommand("rehearse", {
    summary: "rehearse a stack on throwaway control planes",
    description:
      "Rehearses a stack with the real engine, on throwaway control planes on this machine, and checks the result. " +
      "Run again, it applies what has changed in the settings.",
    notes:
      "Exit code: 0 when the stack is rehearsed, no check fails and no mandatory policy is violated; else 1.\n" +
      "A run that is ended by a signal: 128 + the number of the signal.",
  })
    .option("--stack <name>", "the stack whose settings, Pulumi.<name>.yaml, are rehearsed", ownStack, "dev")
    .option("--down", "end the stack's rehearsal and delete everything in it")
    .option("--verbose", "also show addresses, a diagram and every check")
    .action(async (options) => {
      finish(await handler(options));
    });
}
