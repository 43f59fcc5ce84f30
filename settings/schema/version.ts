import type { Verdict } from "../faults";

/** What is wrong with a version of Istio; undefined when nothing is. */
export function versionFault(text: string): Verdict | undefined {
  const [, version, suffix] = /^v?(\d+\.\d+\.\d+)(-.*)?$/.exec(text) ?? [];
  if (version === undefined) {
    return { problem: "is no version of Istio", remedy: 'write three numbers in quotes, such as "1.28.5"' };
  }
  if (suffix !== undefined) {
    const why = suffix === "-solo" ? "; distribution: solo adds -solo by itself" : "";
    return { problem: `has the suffix ${suffix}`, remedy: `drop it: write "${version}"${why}` };
  }
  if (text.startsWith("v")) {
    return { problem: "starts with a v", remedy: `write "${version}"` };
  }
  return version.startsWith("1.") ? undefined : { problem: "is no version of Istio", remedy: "write a version 1.x.y" };
}

/** 28 for 1.28.5 */
export function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}
