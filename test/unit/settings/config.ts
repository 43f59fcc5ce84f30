import { type ConfigIssue, parseSettings, type Settings, SettingsError } from "../../../settings";

/** Settings as a stack file has them, in the texts that Pulumi makes of them. */
export function config(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

export const kind = (name: string, more: object = {}) => ({ name, provisioner: "kind", ...more });
export const kwok = (name: string, more: object = {}) => ({ name, provisioner: "kwok", ...more });
export const existing = (name: string, more: object = {}) => ({
  name,
  provisioner: "existing",
  context: name,
  ...more,
});

/** A valid stack, with `changes`; a key that is changed to undefined is left out. */
export function stack(changes: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const all: Record<string, unknown> = {
    clusters: [kind("a"), kind("b")],
    license: "a-licence",
    repoKey: "0123456789ab",
    ...changes,
  };
  return config(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

export function parse(changes: Readonly<Record<string, unknown>> = {}): Settings {
  return parseSettings(stack(changes));
}

/** The error that settings are refused with. */
export function settingsError(
  settings: Readonly<Record<string, string>>,
  options?: { stack?: string; now?: Date },
): SettingsError {
  try {
    parseSettings(settings, options);
  } catch (error) {
    if (error instanceof SettingsError) {
      return error;
    }
    throw error;
  }
  throw new Error("no issue was found");
}

export function issuesOf(changes: Readonly<Record<string, unknown>>): readonly ConfigIssue[] {
  return settingsError(stack(changes)).issues;
}

/** `path: problem → remedy` of every issue. */
export function linesOf(changes: Readonly<Record<string, unknown>>): string[] {
  return issuesOf(changes).map(({ path, problem, remedy }) => `${path}: ${problem} → ${remedy}`);
}
