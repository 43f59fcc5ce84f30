import { closest, distance } from "fastest-levenshtein";
import { pathsWithKey } from "./reference";

/** What to do about a key that means nothing where it is. */
export interface KeySuggestion {
  readonly remedy: string;
  /** The key in the same map that was probably meant. */
  readonly meant?: string | undefined;
}

/** What Istio's charts and Kubernetes call things that are settings here. */
const otherNames: Readonly<Record<string, string>> = { hub: "images", registry: "images", tag: "istioVersion" };

/**
 * @param path Of the key, itself included.
 * @param known The keys that its map may have.
 */
export function suggestKey(path: readonly PropertyKey[], known: readonly string[]): KeySuggestion {
  const key = simplified(String(path.at(-1)));
  const nearest = nearestOf(key, known);
  const far = distance(key, simplified(nearest));
  const other = path.length === 1 ? otherNames[key] : undefined;
  if (far > 2 && other !== undefined) {
    return { remedy: `did you mean ${other}?`, meant: other };
  }
  const parts = far > 2 ? known.filter((one) => isPart(key, simplified(one)) || isPart(simplified(one), key)) : [];
  if (parts.length > 0) {
    return { remedy: `did you mean ${parts.join(" or ")}?`, meant: parts.length === 1 ? parts[0] : undefined };
  }
  const elsewhere = pathsWithKey((one) => simplified(one) === key);
  if (far > 2 && elsewhere.length > 0) {
    return { remedy: `move it: the setting is ${elsewhere.map((one) => `flatmesh:${one}`).join(" or ")}` };
  }
  return far <= Math.max(2, nearest.length / 2)
    ? { remedy: `did you mean ${nearest}?`, meant: nearest }
    : { remedy: `remove it, or write one of ${known.join(", ")}` };
}

function nearestOf(key: string, known: readonly string[]): string {
  const nearest = closest(key, known.map(simplified));
  return known.find((one) => simplified(one) === nearest) ?? nearest;
}

/** `version` of `istioversion`, `license` of `licensekey` */
function isPart(part: string, whole: string): boolean {
  return part.length > 3 && (whole.endsWith(part) || whole.startsWith(part));
}

/** Whether two keys differ by case, dashes and underscores alone. */
export function sameKey(one: string, other: string): boolean {
  return simplified(one) === simplified(other);
}

/** `podsubnet` of `pod_subnet`, `pod-subnet`, `PodSubnet` and `podCIDR` */
function simplified(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[-_.\s]/g, "")
    .replace("cidr", "subnet");
}
