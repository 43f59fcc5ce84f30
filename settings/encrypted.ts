import { isDeepStrictEqual } from "node:util";

/** Keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** `secure: …`, as Pulumi writes an encrypted value into a stack's file. */
export function isEncrypted(value: unknown): boolean {
  return isObject(value) && "secure" in value && typeof value.secure === "string";
}

/** A copy with something else in place of what can't be read. */
export function withPlaceholders(value: unknown, isHidden: (value: unknown) => boolean, placeholder: unknown): unknown {
  if (isHidden(value)) {
    return placeholder;
  }
  if (Array.isArray(value)) {
    return value.map((one) => withPlaceholders(one, isHidden, placeholder));
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withPlaceholders(one, isHidden, placeholder)]))
    : value;
}

/**
 * The paths below which a value is encrypted.
 *
 * Pulumi tells a program that something in a key is encrypted, not what. The stack's file says it, if it is the one that the value
 * is from.
 *
 * @param inFile The value in the stack's file.
 * @param given The value that Pulumi gives the program.
 * @returns The whole value's path where the two are not the same but for what is encrypted.
 */
export function encryptedPaths(inFile: unknown, given: unknown): readonly Path[] {
  return pathsIn(inFile, given, []) ?? [[]];
}

function pathsIn(inFile: unknown, given: unknown, at: Path): readonly Path[] | undefined {
  if (isEncrypted(inFile)) {
    return [at];
  }
  if (!isObject(inFile) || !isObject(given)) {
    return isDeepStrictEqual(inFile, given) ? [] : undefined;
  }
  const keys = Object.keys(inFile);
  if (Array.isArray(inFile) !== Array.isArray(given) || keys.length !== Object.keys(given).length) {
    return undefined;
  }
  const paths: Path[] = [];
  for (const key of keys) {
    const found = pathsIn(inFile[key], given[key], [...at, Array.isArray(inFile) ? Number(key) : key]);
    if (found === undefined) {
      return undefined;
    }
    paths.push(...found);
  }
  return paths;
}

/** Whether a value is encrypted, or something in it is. */
export function isSecret(path: Path, secretPaths: readonly Path[]): boolean {
  return secretPaths.some((secret) => {
    const length = Math.min(secret.length, path.length);
    return isDeepStrictEqual(secret.slice(0, length), path.slice(0, length));
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
