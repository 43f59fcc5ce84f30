/**
 * Several PEM texts as one; a single one stays as it is. They stand in an order of their own: istiod takes a bundle of roots
 * only if the one before it is a part of it, or it is a part of that one.
 */
export function bundle(texts: readonly string[]): string {
  const [only = "", ...more] = texts;
  return more.length === 0
    ? only
    : texts
        .map((text) => text.replace(/\n*$/, "\n"))
        .sort()
        .join("");
}
