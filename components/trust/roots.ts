import { X509Certificate } from "node:crypto";
import { keyOf } from "../../certificates";

/** The roots of trust of a stack's clusters, at one stage of a rotation. */
export interface Roots {
  /** Certificates (PEM) by name; undefined for a root that does not exist yet. */
  readonly trusted: ReadonlyMap<string, string | undefined>;
  /** Name of the one that signs the intermediates. */
  readonly signing: string;
}

/** The name of a root that the settings give: the beginning of its key's SHA-256. */
export function nameOf(pem: string): string {
  return keyOf(new X509Certificate(pem)).slice(0, 8);
}

/** Certificates by their names. */
export function named(certificates: readonly string[]): Map<string, string> {
  return new Map(certificates.map((pem) => [nameOf(pem), pem]));
}
