import { machineScript, type Repair, type Repairs } from "../../components/clusters";
import { resourceKey } from "../../stacks";
import { information, type Judged, type Problem } from "../problems";
import type { Run } from "../unavailable";
import { listed, numbered, putsBack } from "./reasons";

/** A Command of this machine, with what is no longer as it has made it. */
export interface ComparedCommand {
  /** The resource's key in the state. */
  readonly key: string;
  /** What a message begins with, such as `Cluster a`. */
  readonly title: string;
  /** The reason of its last repair; absent if there was none. */
  readonly repaired?: string | undefined;
  /** What differs; empty if nothing does. */
  readonly texts: readonly string[];
}

/** How many differences a reason names. */
const named = 5;

/** The key of a Command in a state. */
export function commandKey(name: string): string {
  return resourceKey("command:local:Command", name);
}

/**
 * Whether a Command has run a script as it is now. Of another version's script, which may have left something else, the Command
 * changes anyway.
 */
export function hasRun(
  script: Parameters<typeof machineScript>[0],
  environment: { readonly CREATE?: string | undefined },
): boolean {
  return environment.CREATE === machineScript(script);
}

/**
 * What an update puts back by running Commands again: they do nothing twice.
 *
 * @returns By `resourceKey`, for every Command that needs a repair, or has had one.
 */
export function commandRepairs(compared: readonly ComparedCommand[], run: Run): Judged<Repairs> {
  const repairs: Record<string, Repair> = {};
  const problems: Problem[] = [];
  for (const { key, title, repaired, texts } of compared) {
    if (texts.length > 0) {
      const text = listed(texts, named);
      repairs[key] = { reason: numbered(text, repaired), actions: [] };
      problems.push(information(`${title}: ${text}. ${putsBack(run)}`));
    } else if (repaired !== undefined) {
      repairs[key] = { reason: repaired, actions: [] };
    }
  }
  return { value: repairs, problems };
}
