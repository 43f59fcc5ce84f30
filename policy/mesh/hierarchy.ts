import { type Resource, text } from "../state";
import { certificatesIn, fileOf, filesOf, isAuthority, isCacerts } from "./authorities";

/** An authority of @pulumi/tls that the mesh's certificates come of, with its place. */
export interface Authority {
  readonly resource: Resource;
  readonly kind: "root" | "intermediate";
  /** How many tiers of authorities stand below it: none below one that signs workloads. */
  readonly below: number;
}

/**
 * The authorities of a mesh among a stack's resources. A stack may have others, for webhooks or databases: where every Secret
 * `cacerts` says which ones it is made of, those are the mesh's, with what has signed them; else all are taken for such.
 */
export function authoritiesOf(resources: readonly Resource[]): Authority[] {
  const all = resources.filter((one) => isAuthority(one, "root") || isAuthority(one, "intermediate"));
  const mesh = ofMesh(resources.filter(isCacerts), all);
  return mesh.map((resource) => ({
    resource,
    kind: isAuthority(resource, "root") ? "root" : "intermediate",
    below: tiersBelow(resource, all),
  }));
}

/** The authorities that have signed one: by what its `caCertPem` depends on, or is. */
export function signersOf(one: Resource, all: readonly Resource[]): Resource[] {
  const depends = one.inputDependencies["caCertPem"] ?? [];
  const given = text(one.inputs, "caCertPem");
  return all.filter(
    (other) =>
      other !== one &&
      (depends.includes(other.urn) || (given !== undefined && text(other.outputs, "certPem") === given)),
  );
}

function tiersBelow(authority: Resource, all: readonly Resource[], above: readonly Resource[] = []): number {
  const signed = all.filter((one) => !above.includes(one) && signersOf(one, all).includes(authority));
  return Math.max(0, ...signed.map((one) => 1 + tiersBelow(one, all, [...above, authority])));
}

function ofMesh(secrets: readonly Resource[], all: readonly Resource[]): readonly Resource[] {
  const known = secrets.map((secret) => authoritiesIn(secret, all));
  if (known.length === 0 || known.includes(undefined)) {
    return all;
  }
  const mesh = new Set(known.flatMap((some) => some ?? []));
  // A set is gone through with what is added to it on the way.
  for (const one of mesh) {
    signersOf(one, all).forEach((signer) => mesh.add(signer));
  }
  return all.filter((one) => mesh.has(one));
}

/** What of a stack's authorities a Secret is made of; undefined where that is unknown. */
function authoritiesIn(secret: Resource, all: readonly Resource[]): readonly Resource[] | undefined {
  const depends = new Set(["stringData", "data"].flatMap((key) => secret.inputDependencies[key] ?? []));
  const own = certificatesIn(fileOf(secret, filesOf(secret).certificate) ?? "").map(
    ({ fingerprint256 }) => fingerprint256,
  );
  const some = all.filter(
    ({ urn, outputs }) =>
      depends.has(urn) ||
      certificatesIn(text(outputs, "certPem") ?? "").some(({ fingerprint256 }) => own.includes(fingerprint256)),
  );
  return own.length > 0 || some.some((one) => isAuthority(one, "intermediate")) ? some : undefined;
}
