import { z } from "zod";
import { certificatesOfCacerts, isCertificate, rootOf } from "../../certificates";
import { named, nameOf, rootResource, type Roots } from "../../components/trust";
import { firstRoot } from "../../settings";
import { type RecordedOutputs, resourceKey, type StackState } from "../../stacks";
import type { OwnStack } from "../engine";

/** A Secret `cacerts` in the state: the API server returns base64, a plan has the plain texts. */
const CaCerts = z.union([
  z.object({ data: z.record(z.string(), z.base64()) }).transform(({ data }) => mapped(data, decoded)),
  z.object({ stringData: z.record(z.string(), z.string()) }).transform(({ stringData }) => stringData),
]);

/**
 * The roots that a stack's clusters have: from its outputs after the last complete update, or else from its state, which also
 * reflects a failed update. `external` if its clusters have a mesh whose certificates are managed elsewhere; undefined if there is
 * no mesh yet.
 */
export function recordedRoots({ outputs, state }: Pick<OwnStack, "outputs" | "state">): Roots | "external" | undefined {
  if (outputs.roots !== undefined) {
    return rootsInOutputs(outputs);
  }
  const secrets = ofType(state, /^kubernetes:core\/v1:Secret .*-cacerts$/);
  if (secrets.length > 0) {
    return rootsInSecrets(secrets.map((secret) => CaCerts.safeParse(secret).data ?? {}));
  }
  if (ofType(state, /^kubernetes:helm\.sh\/v3:Release .*-istiod$/).length > 0) {
    return "external";
  }
  // A stack that signs for others, and last ran before roots had names.
  return generatedRoot(firstRoot, state) === undefined ? undefined : rootsInOutputs(outputs);
}

function rootsInOutputs({ roots, rootCertificate }: RecordedOutputs): Roots | undefined {
  if (roots !== undefined) {
    const trusted = new Map(Object.entries(roots.trusted));
    return [...trusted.values()].every(isCertificate) ? { trusted, signing: roots.signing } : undefined;
  }
  // A stack that last ran before roots had names.
  return rootCertificate !== undefined && isCertificate(rootCertificate)
    ? { trusted: new Map([[firstRoot, rootCertificate]]), signing: firstRoot }
    : undefined;
}

const SelfSigned = z.object({ certPem: z.string().refine(isCertificate) });

/** The certificate of a root that this stack has generated; undefined if it has not. */
export function generatedRoot(name: string, state: StackState): string | undefined {
  const key = resourceKey("tls:index/selfSignedCert:SelfSignedCert", rootResource(name));
  return SelfSigned.safeParse(state.get(key)).data?.certPem;
}

/** The roots in files of `cacerts`: all that they trust, and the one that signs in the first; undefined if none has a root. */
export function rootsInSecrets(secrets: readonly Readonly<Record<string, string>>[]): Roots | undefined {
  const read = secrets.map(certificatesOfCacerts);
  const trusted = read.flatMap(({ roots }) => roots);
  const [signing] = read.flatMap(({ chain: [own, ...between] }) => {
    const root = own && rootOf(own, between, trusted);
    return root ? [nameOf(root.toString())] : [];
  });
  return signing === undefined ? undefined : { trusted: named(trusted.map(String)), signing };
}

function ofType(state: StackState, pattern: RegExp): unknown[] {
  return [...state].flatMap(([key, outputs]) => (pattern.test(key) ? [outputs] : []));
}

function mapped(record: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, change(text)]));
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
