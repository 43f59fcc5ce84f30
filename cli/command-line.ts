import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { version } from "../package.json";
import { operatingSystemProblem } from "../diagnostics/operating-system";
import { printable } from "../printable";
import { type CheckOptions, checkCommand } from "./check";
import { type ChartValuesOptions, chartValuesCommand } from "./chart-values";
import type { Handler } from "./command";
import { type KubeconfigOptions, kubeconfigCommand } from "./kubeconfig";
import { type RehearseOptions, rehearseCommand } from "./rehearse";

/** What the commands do. */
export interface Handlers {
  readonly rehearse: Handler<RehearseOptions>;
  readonly check: Handler<CheckOptions>;
  readonly kubeconfig: Handler<KubeconfigOptions>;
  readonly values: Handler<ChartValuesOptions>;
}

/** Where help, and what is wrong with a command line, is written. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Reads a command line and runs its command.
 *
 * @param args Without the program's own name.
 * @returns The exit code: that of the command, or 0 after help. A command line that is refused has the exit code that the
 *   command has for all it can't do: 1 of `rehearse`, 2 of the others, whose 1 says that a check fails.
 */
export async function runCommandLine(args: readonly string[], handlers: Handlers, streams: Streams): Promise<number> {
  const unsupported = operatingSystemProblem();
  if (unsupported !== undefined) {
    streams.err(`${unsupported}\n`);
    return 2;
  }
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = new Command("flatmesh")
    .description("Istio ambient meshes over clusters that share one flat network")
    .version(version, "--version", "print the version")
    .helpOption("-h, --help", "print this text")
    .helpCommand("help [command]", "print the help of a command")
    .configureHelp({ helpWidth: 120 })
    .configureOutput({
      writeOut: streams.out,
      writeErr: streams.err,
      // It quotes what was typed, or what a script has put together.
      outputError: (message, write) => {
        write(printable(message));
      },
    });
  throwing(program, 2);
  program.showHelpAfterError("For its commands: npx flatmesh --help");
  const add = (command: CommandUnknownOpts, refused: number): void => {
    throwing(command.copyInheritedSettings(program), refused);
    program.addCommand(command.showHelpAfterError(`For its options: npx flatmesh ${command.name()} --help`));
  };
  add(rehearseCommand(handlers.rehearse, finish), 1);
  add(checkCommand(handlers.check, finish), 2);
  add(kubeconfigCommand(handlers.kubeconfig, finish), 2);
  add(chartValuesCommand(handlers.values, finish), 2);
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode;
    }
    throw error;
  }
}

/** Has a command throw where it would end the process. */
function throwing(command: CommandUnknownOpts, refused: number): void {
  command.exitOverride(({ exitCode, code, message }) => {
    throw new CommanderError(exitCode === 0 ? 0 : refused, code, message);
  });
}
