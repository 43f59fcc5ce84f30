/** What no stack runs: documents, tests, and the machinery around them. Whatever else is changed may change every stack. */
const ofNoStack = [
  /\.md$/,
  /^(docs|test|workflows|maintenance|\.github|\.ci|\.devcontainer)\//,
  /^(LICENSE|\.gitignore|\.prettierignore|\.prettierrc\.json|eslint\.config\.mjs|vitest\.config\.mts)$/,
  /^(\.editorconfig|\.nvmrc|renovate\.json)$/,
];

/**
 * The stacks that a change touches: one by its own settings, all of them by anything that they have in common.
 *
 * @param files What is changed, added or deleted, relative to the project's folder.
 * @param stacks The stacks that there are after the change.
 * @returns Names in the order of `stacks`.
 */
export function touchedStacks(files: readonly string[], stacks: readonly string[]): string[] {
  const common = files.some((file) => stackOf(file) === undefined && !ofNoStack.some((pattern) => pattern.test(file)));
  const own = files.map(stackOf);
  return stacks.filter((stack) => common || own.includes(stack));
}

/** How many stacks a run previews and rehearses: a pull request may add any number of files, and each takes two jobs. */
export const mostStacks = 20;

/** The stacks that a run takes, and those that are too many. */
export function withinBounds(stacks: readonly string[]): { readonly stacks: string[]; readonly leftOut: string[] } {
  return { stacks: stacks.slice(0, mostStacks), leftOut: stacks.slice(mostStacks) };
}

function stackOf(file: string): string | undefined {
  return /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
}
