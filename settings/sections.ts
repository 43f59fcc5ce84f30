import type { DocsSection } from "./precondition-error";
import { keyPaths } from "./schema/paths";

/**
 * The section of docs/settings.md that tells of a key, or of the nearest one around it that there is; the list of all keys where
 * there is none.
 *
 * @param path As messages have it: `clusters[1].podSubnet`.
 */
export function sectionOfKey(path: string): DocsSection {
  const known = new Set(keyPaths().map((key) => key.path));
  const parts = path.replaceAll(/\[\d+\]/g, "[]").match(/\[\]|\.?[^.[\]]+/g) ?? [];
  for (let length = parts.length; length > 0; length--) {
    const nearest = parts.slice(0, length).join("");
    if (known.has(nearest)) {
      return `docs/settings.md#${anchorOfKey(nearest)}`;
    }
  }
  return "docs/settings.md#keys";
}

/** What GitHub makes of a heading that is a key: its letters and digits. */
function anchorOfKey(path: string): string {
  return path.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
