/** Files that no stack runs: documents, tests, and the machinery around them. Any other file may change every stack. */
const irrelevant = [
  /\.md$/,
  /^(docs|examples|test|workflows|maintenance|\.github|\.ci|\.devcontainer)\//,
  /^(LICENSE|\.gitignore|\.prettierignore|\.prettierrc\.json|eslint\.config\.mjs|vitest\.config\.mts)$/,
  /^(\.editorconfig|\.nvmrc|renovate\.json)$/,
];

/**
 * The stacks that a change touches: one if its settings change, all if anything that they share does.
 *
 * @param files The files that are changed, added or deleted, relative to the project's folder.
 * @param stacks The stacks that exist after the change.
 * @returns Names in the order of `stacks`.
 */
export function touchedStacks(files: readonly string[], stacks: readonly string[]): string[] {
  const common = files.some((file) => stackOf(file) === undefined && !irrelevant.some((pattern) => pattern.test(file)));
  const own = files.map(stackOf);
  return stacks.filter((stack) => common || own.includes(stack));
}

/** The most stacks that a run previews and rehearses: a pull request may add any number of files, and each takes two jobs. */
export const mostStacks = 20;

/** The stacks that a run takes, and those beyond its limit. */
export function withinBounds(stacks: readonly string[]): { readonly stacks: string[]; readonly leftOut: string[] } {
  return { stacks: stacks.slice(0, mostStacks), leftOut: stacks.slice(mostStacks) };
}

function stackOf(file: string): string | undefined {
  return /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
}
