import type { X509Certificate } from "node:crypto";
import { certificatesIn, isCertificate, keyOf } from "../../certificates";

/**
 * Several PEM texts as one; a single one stays as it is. They are sorted, so that their order never changes: istiod accepts a new
 * bundle of roots only if one of the two, old or new, is a part of the other.
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

/**
 * Earlier certificates of roots that were renewed, PEM. They are trusted together with the new ones for half of the time that both
 * are valid: istiod ignores a Secret whose roots are neither a superset nor a subset of those it has. Not for all of that time, since
 * a proxy may look a root up by its name, and stop at one that has expired.
 *
 * @param trusted The roots as they are now, PEM.
 * @param previous The roots in the stack's outputs after its last complete update, PEM.
 */
export function renewedRoots(trusted: readonly string[], previous: string | undefined, now = new Date()): string[] {
  const present = trusted.filter(isCertificate).flatMap(certificatesIn);
  const former = previous !== undefined && isCertificate(previous) ? certificatesIn(previous) : [];
  return former.filter((one) => overlaps(one, present, now)).map((one) => one.toString());
}

function overlaps(one: X509Certificate, present: readonly X509Certificate[], now: Date): boolean {
  const renewed = present.find((other) => keyOf(other) === keyOf(one));
  return (
    renewed !== undefined &&
    renewed.fingerprint256 !== one.fingerprint256 &&
    now.getTime() < (Date.parse(renewed.validFrom) + Date.parse(one.validTo)) / 2
  );
}
