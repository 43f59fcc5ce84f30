import { CommandError, type EngineEvent, type Stack, type UpResult } from "@pulumi/pulumi/automation";
import type { Console } from "./console";
import { progressOf } from "./progress";
import { RehearsalError } from "./stack-file";
import { notEncrypted } from "../settings";

/** How long other operations may go on after a failure. */
const cancelAfterMs = 120_000;

/** An update that the engine has ended with errors: its state says what it has done until then. */
export class UpdateFailed extends RehearsalError {}

/**
 * Runs `up`, and reports its progress.
 *
 * @param clusters The clusters' names in the mesh, by their scopes: see {@link progressOf}.
 * @throws UpdateFailed with what the engine found wrong, instead of all that it has printed until then; RehearsalError if the
 *   engine itself was ended, so that nobody knows what it has done.
 */
export async function runUpdate(
  stack: Pick<Stack, "up" | "cancel">,
  console: Console,
  clusters: ReadonlyMap<string, string>,
): Promise<UpResult> {
  const errors: string[] = [];
  const warnings = new Set<string>();
  const engine = { summedUp: false };
  let giveUp: NodeJS.Timeout | undefined;
  try {
    return await stack.up({
      onEvent: (event) => {
        // The engine tells of what ends the program twice.
        errors.push(...errorsOf(event).filter((text) => !errors.includes(text)));
        for (const warning of warningsOf(event).filter((text) => !warnings.has(text))) {
          warnings.add(warning);
          console.step(`warning: ${warning}`);
        }
        engine.summedUp ||= event.summaryEvent !== undefined;
        if (errors.length > 0) {
          // A value that a program can't compute leaves an inline program waiting for ever on what depends on it.
          giveUp ??= setTimeout(() => void stack.cancel(), cancelAfterMs);
        }
        const line = progressOf(event, clusters);
        if (line !== undefined) {
          console.step(line);
        }
      },
    });
  } catch (error) {
    if (error instanceof CommandError && errors.length > 0 && engine.summedUp) {
      throw new UpdateFailed(
        ["The update failed. Correct what is wrong and rehearse again: it continues from here.", ...errors].join(
          "\n\n",
        ),
      );
    }
    if (error instanceof CommandError && !engine.summedUp) {
      throw new RehearsalError(
        ["The engine ended before the update did: the next run starts over.", ...errors, error.message].join("\n\n"),
      );
    }
    throw error;
  } finally {
    clearTimeout(giveUp);
  }
}

/** What the program warns of. A rehearsal's settings have placeholders, or are in a folder of the user's own: none is encrypted. */
function warningsOf({ diagnosticEvent }: EngineEvent): string[] {
  return diagnosticEvent?.severity === "warning" && !diagnosticEvent.message.includes(notEncrypted)
    ? [textOf(diagnosticEvent.message)]
    : [];
}

/** Without the engine's markup for colours. */
function textOf(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}

function errorsOf({ diagnosticEvent }: EngineEvent): string[] {
  if (diagnosticEvent?.severity !== "error") {
    return [];
  }
  const { urn = "", message } = diagnosticEvent;
  const text = textOf(message);
  const resource = urn === "" ? "" : `${urn.slice(urn.lastIndexOf("::") + 2)}: `;
  return text === "update failed" ? [] : [`${resource}${text}`];
}
