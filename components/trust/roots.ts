import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { isCertificate, keyOf } from "../../certificates";
import type { Settings } from "../../settings";
import { firstRoot } from "../../settings";
import { peerOutputs } from "../../stacks/peer-outputs/index";
import { ownState, resourceKey, type StackOutputs, type StackState } from "../../stacks/engine";
import { rootResource } from "./root";

/** The roots of trust of a stack's clusters, in one stage of their life. */
export interface Roots {
  /** Certificates (PEM) by name; undefined for a root that is yet to be made. */
  readonly trusted: ReadonlyMap<string, string | undefined>;
  /** Name of the one that signs the intermediates. */
  readonly signing: string;
}

const Pem = z.string().refine(isCertificate);
const Made = z.object({ certPem: Pem });
const Told = z.object({ trusted: z.record(z.string(), Pem), signing: z.string() });

/** What this very stack's outputs tell of its roots; undefined where they tell nothing. */
export function rootsIn(outputs: StackOutputs): Roots | undefined {
  const told = Told.safeParse(outputs["roots"]).data;
  if (told) {
    return { trusted: new Map(Object.entries(told.trusted)), signing: told.signing };
  }
  // A stack that has last run before roots had names.
  const only = Pem.safeParse(outputs["rootCertificate"]).data;
  return only === undefined ? undefined : { trusted: new Map([[firstRoot, only]]), signing: firstRoot };
}

/**
 * The roots as the settings want them, as far as they are known before anything is made; undefined where nobody knows.
 *
 * @param state This very stack's state before this update, if it has been asked for already.
 */
export async function wantedRoots({ root }: Pick<Settings, "root">, state?: StackState): Promise<Roots | undefined> {
  switch (root.source) {
    case "existing":
      return undefined;
    case "stack":
      return (await peerOutputs(root.stack, "root.stack"))?.roots;
    case "given":
      return { trusted: named([root.certificate, ...root.alsoTrusted]), signing: nameOf(root.certificate) };
    case "generate": {
      // Never from the outputs: a root that has come from elsewhere may have the same name there.
      const before = state ?? (await ownState());
      const ours = root.trusted.map((name) => [name, madeRoot(name, before)] as const);
      return { trusted: new Map([...ours, ...named(root.alsoTrusted)]), signing: root.signing };
    }
  }
}

/** The certificate of a root that this stack has made itself; undefined for one that it has not. */
export function madeRoot(name: string, state: StackState): string | undefined {
  return Made.safeParse(state.get(resourceKey("tls:index/selfSignedCert:SelfSignedCert", rootResource(name)))).data
    ?.certPem;
}

/** What a root is called that somebody has given: the beginning of its key's SHA-256. */
export function nameOf(pem: string): string {
  return keyOf(new X509Certificate(pem)).slice(0, 8);
}

/** Certificates by what they are called. */
export function named(certificates: readonly string[]): Map<string, string> {
  return new Map(certificates.map((pem) => [nameOf(pem), pem]));
}
