import { parse, type SemVer } from "semver";

/** Undefined for what is not a version. Tags such as `1.28.5-solo` are versions whose suffix names the distribution. */
export function readVersion(text: string): SemVer | undefined {
  return parse(text, { loose: true }) ?? undefined;
}

/** `1.28.5` of `1.28.5-solo`. */
export function numbersOf({ major, minor, patch }: SemVer): string {
  return [major, minor, patch].join(".");
}

/** How many minor versions one is ahead of another; more than any mesh supports where the major ones differ. */
export function minorsAhead(one: SemVer, other: SemVer): number {
  return one.major === other.major ? one.minor - other.minor : (one.major - other.major) * 100;
}

/** The version that an image's tag stands for: `1.31.0-fips-distroless` and `v1.31.0` are `1.31.0`. */
export function versionOfTag(tag: string): string {
  return tag.replace(/^v(?=\d)/, "").replace(/(-(distroless|debug|fips))+$/, "");
}
