/** The text that comes most often; the first of several. What nobody has said how it should be is judged against it. */
export function mostOften(texts: readonly string[]): string | undefined {
  const count = (text: string) => texts.filter((other) => other === text).length;
  return texts.toSorted((one, other) => count(other) - count(one))[0];
}
