import { Command } from "@commander-js/extra-typings";

/** Does what a command is for, and resolves to the exit code. */
export type Handler<Options> = (options: Options) => Promise<number>;

/** A command's help, without its options. */
export interface Described {
  readonly summary: string;
  readonly description: string;
  /** Printed below the options. */
  readonly notes: string;
}

/** A command of `flatmesh` that takes options only. */
export function describedCommand(name: string, { summary, description, notes }: Described) {
  return new Command(name).summary(summary).description(description).addHelpText("after", `\n${notes}`);
}
