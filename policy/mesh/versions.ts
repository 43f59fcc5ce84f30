/** A version as it is compared: `1.28.5-solo` is 1, 28, 5 and `solo`. */
export interface Version {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
  /** `1.28.5` */
  readonly numbers: string;
}

/** Undefined for what is no version. */
export function readVersion(text: string): Version | undefined {
  const [numbers = "", major, minor] = /^v?(\d+)\.(\d+)\.\d+/.exec(text) ?? [];
  return numbers === ""
    ? undefined
    : { text, major: Number(major), minor: Number(minor), numbers: numbers.replace(/^v/, "") };
}

/** How many minor versions one is ahead of another; more than any mesh supports where the major ones differ. */
export function minorsAhead(one: Version, other: Version): number {
  return one.major === other.major ? one.minor - other.minor : (one.major - other.major) * 100;
}
