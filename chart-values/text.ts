import { Document, isScalar, type Scalar } from "yaml";
import { type LayeredValue, valuesOf } from "./layers";

/** What stands in place of a secret. */
const hidden = "[secret]";

/**
 * Values as YAML, sorted by key, with a comment behind each that says where it is from.
 *
 * @param isKnown Whether a value is known: what Pulumi has still to work out is a secret of the stack.
 */
export function valuesText(values: readonly LayeredValue[], isKnown: (value: unknown) => boolean): string {
  const sorted = values.toSorted((one, other) => compare(one.path, other.path));
  const document = new Document(valuesOf(sorted, ({ value, secret }) => (secret || !isKnown(value) ? hidden : value)));
  for (const { path, origin } of sorted) {
    const node: unknown = document.getIn(path, true);
    if (isScalar(node)) {
      node.comment = ` ${origin}`;
    } else {
      // Behind a list, it would stand below its last entry.
      const key = keyNode(document, path);
      if (key) {
        key.commentBefore = ` ${origin}`;
      }
    }
  }
  return `${document.toString({ lineWidth: 0 }).trimEnd()}\n`;
}

/** Lists that are written in one line can have no comment of their own. */
function keyNode(document: Document, path: readonly string[]): Scalar | undefined {
  const map: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pairs = (map as { readonly items?: readonly { readonly key: unknown }[] } | null)?.items ?? [];
  const key = pairs.find((pair) => isScalar(pair.key) && pair.key.value === path.at(-1))?.key;
  return isScalar(key) ? key : undefined;
}

function compare(one: readonly string[], other: readonly string[]): number {
  const index = one.findIndex((key, at) => key !== other[at]);
  const [left = "", right = ""] = index < 0 ? [] : [one[index], other[index]];
  return left < right ? -1 : left > right ? 1 : 0;
}
