import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { certificatesIn, rootOf } from "../../certificates/index";
import { firstRoot } from "../../settings/index";
import type { StackOutputs, StackState } from "../../stacks/engine";
import { madeRoot, named, nameOf, type Roots, rootsIn } from "../../components/trust/roots";

/** What a Secret `cacerts` of a stack has in the state: an API server turns texts into base64, and a plan keeps the texts. */
const CaCerts = z.union([
  z.object({ data: z.record(z.string(), z.base64()) }).transform(({ data }) => mapped(data, decoded)),
  z.object({ stringData: z.record(z.string(), z.string()) }).transform(({ stringData }) => stringData),
]);

/**
 * The roots that a stack has given its clusters by now: what it told of them after its last complete update, else what is in
 * its state, which has the work of an update that failed as well. `kept` where its clusters have a mesh, and their
 * certificates from somebody else; undefined where there is nothing yet.
 */
export function heldRoots(own: StackOutputs, state: StackState): Roots | "kept" | undefined {
  if (own["roots"] !== undefined) {
    return rootsIn(own);
  }
  const secrets = ofType(state, /^kubernetes:core\/v1:Secret .*-cacerts$/);
  if (secrets.length > 0) {
    return rootsOf(secrets.map((said) => CaCerts.safeParse(said).data ?? {}));
  }
  if (ofType(state, /^kubernetes:helm\.sh\/v3:Release .*-istiod$/).length > 0) {
    return "kept";
  }
  // One that signs for others, and has last run before roots had names.
  return madeRoot(firstRoot, state) === undefined ? undefined : rootsIn(own);
}

/** What files of `cacerts` come to: all that they trust, and what signs in the first of them; undefined where none has a root. */
export function rootsOf(secrets: readonly Readonly<Record<string, string>>[]): Roots | undefined {
  const trusted = secrets.flatMap((files) => pems(files["root-cert.pem"] ?? files["ca.crt"]));
  const roots = trusted.map((pem) => new X509Certificate(pem));
  const [signing] = secrets.flatMap((files) => {
    const [own, ...between] = [
      ...certificatesIn(files["ca-cert.pem"] ?? files["tls.crt"]),
      ...certificatesIn(files["cert-chain.pem"]),
    ];
    const root = own && rootOf(own, between, roots);
    return root ? [nameOf(root.toString())] : [];
  });
  return signing === undefined ? undefined : { trusted: named(trusted), signing };
}

function ofType(state: StackState, pattern: RegExp): unknown[] {
  return [...state].flatMap(([key, said]) => (pattern.test(key) ? [said] : []));
}

function pems(bundle: string | undefined): string[] {
  return certificatesIn(bundle).map((certificate) => certificate.toString());
}

function mapped(record: Readonly<Record<string, string>>, change: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, text]) => [key, change(text)]));
}

function decoded(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
