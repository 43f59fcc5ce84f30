import { isObject, same, UNKNOWN, unwrap } from "./values";
import type { Props, Value } from "./values";

export type Change = "add" | "update" | "delete";

/** What would change, by property path in Pulumi's notation, such as `spec.ports[0].name` or `metadata.labels["a.b/c"]`. */
export interface Difference {
  readonly changes: ReadonlyMap<string, Change>;
  /** Those of `changes` that can't be made in place. */
  readonly replaces: readonly string[];
  /** The old one has to go before the new one comes, because they share a name. */
  readonly deleteBeforeReplace?: boolean;
}

export type Path = readonly (string | number)[];

/** Compares two sets of inputs. Every changed leaf that `replaces` names is a reason to replace the resource. */
export function differ(old: Props, inputs: Props, replaces: (path: Path) => boolean): Difference {
  const changes = new Map<string, Change>();
  const replacing: string[] = [];
  walk([], unwrap(old), unwrap(inputs), (path, change) => {
    const text = pathText(path);
    changes.set(text, change);
    if (replaces(path)) {
      replacing.push(text);
    }
  });
  return { changes, replaces: replacing };
}

function walk(
  path: Path,
  old: Value | undefined,
  now: Value | undefined,
  report: (path: Path, change: Change) => void,
): void {
  if (same(old, now)) {
    return;
  }
  if (isObject(old) && isObject(now)) {
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
      walk([...path, key], old[key], now[key], report);
    }
  } else if (Array.isArray(old) && Array.isArray(now)) {
    for (let index = 0; index < Math.max(old.length, now.length); index++) {
      walk([...path, index], old[index], now[index], report);
    }
  } else {
    report(path, old === undefined ? "add" : now === undefined ? "delete" : "update");
  }
}

export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") {
      return `${text}[${String(part)}]`;
    }
    if (/[."[\]]/.test(part)) {
      return `${text}["${part.replaceAll('"', '\\"')}"]`;
    }
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** A state for a preview in which `outputs` are not known yet. */
export function withUnknown(inputs: Props, outputs: readonly string[]): Props {
  return { ...inputs, ...Object.fromEntries(outputs.map((output) => [output, UNKNOWN])) };
}
