import { X509Certificate } from "node:crypto";
import { keyOf } from "../../certificates";
import type { Roots } from "../../components/trust";
import type { NamedRoot } from "../../istio";

/** What a change of the roots requires of the clusters: nothing, that all trust a root, or that none depends on it. */
export type RotationStage =
  | { readonly kind: "none" }
  | { readonly kind: "sign"; readonly root: NamedRoot }
  | { readonly kind: "drop"; readonly root: NamedRoot }
  | { readonly kind: "skipped" };

/** The stage between the roots that a stack has and those that its settings want: one at a time, in either direction. */
export function stageBetween(has: Roots, wants: Roots): RotationStage {
  const [before, after] = [namesByKey(has), namesByKey(wants)];
  const added = [...after.keys()].filter((key) => !before.has(key));
  const dropped = [...before.keys()].filter((key) => !after.has(key));
  const [from, to] = [keyIn(has, has.signing), keyIn(wants, wants.signing)];
  const changes = added.length + dropped.length + Number(from !== to);
  if (changes > 1) {
    return { kind: "skipped" };
  }
  const [gone] = dropped;
  if (gone !== undefined) {
    return { kind: "drop", root: { name: before.get(gone) ?? gone, key: gone } };
  }
  return from === to ? { kind: "none" } : { kind: "sign", root: { name: wants.signing, key: to } };
}

/** Names of the roots, by key. */
export function namesByKey({ trusted }: Roots): Map<string, string> {
  return new Map([...trusted].map(([name, pem]) => [keyOfRoot(name, pem), name]));
}

function keyIn({ trusted }: Roots, name: string): string {
  return keyOfRoot(name, trusted.get(name));
}

/** A root that does not exist yet gets a key that no other has. */
function keyOfRoot(name: string, pem: string | undefined): string {
  return pem === undefined ? `yet to be made: ${name}` : keyOf(new X509Certificate(pem));
}
