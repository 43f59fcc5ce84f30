import type { KeyObject } from "node:crypto";
import type { Fault } from "./fault";
import { hasExplicitCurve } from "./structure";

/** What ztunnel verifies signatures with (`RSA_PKCS1_2048_8192` of aws-lc-rs and ring), and where Go stops (`checkKeySize`). */
const bits = { shortest: 2048, longest: 8192, shortestOfGo: 1024 };

/** Curves that Go has, as OpenSSL names them and as everybody else does. ztunnel does not have the first. */
const curves: Readonly<Record<string, string>> = {
  secp224r1: "P-224",
  prime256v1: "P-256",
  secp384r1: "P-384",
  secp521r1: "P-521",
};

/** What to ask for in place of a key that is refused. */
const wanted = "a key of RSA 2048 to 8192 bits, or of ECDSA P-256 or P-384";

/** What a public key is called: `RSA, 2048 bits`, `ECDSA P-256`, `Ed25519`. */
export function keyName({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  const curve = details?.namedCurve ?? "an unnamed curve";
  const names: Readonly<Record<string, string>> = {
    rsa: `RSA, ${String(details?.modulusLength)} bits`,
    "rsa-pss": "RSA-PSS (id-RSASSA-PSS)",
    ec: `ECDSA ${curves[curve] ?? curve}`,
    ed25519: "Ed25519",
    ed448: "Ed448",
    dsa: "DSA",
  };
  return names[type ?? ""] ?? type ?? "an unknown kind";
}

function fault(key: KeyObject, why: string): Fault {
  return { kind: "key", problem: `has a key of ${keyName(key)}${why}`, wanted };
}

/** Why Go can't work with a key; undefined where it can. */
export function goKeyFault(key: KeyObject): Fault | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  switch (type) {
    case "rsa":
      return (details?.modulusLength ?? 0) < bits.shortestOfGo
        ? fault(key, `: Go refuses less than ${String(bits.shortestOfGo)}`)
        : undefined;
    case "ec":
      if (hasExplicitCurve(key.export({ type: "spki", format: "der" }))) {
        return fault(key, " that describes its curve by explicit parameters, which Go can't read");
      }
      return curves[details?.namedCurve ?? ""] === undefined ? fault(key, ", which Go can't read") : undefined;
    case "ed25519":
      return undefined;
    default:
      return fault(key, ", which Go can't sign or verify with");
  }
}

/** Why an authority can't have a key: Go can't work with it, or ztunnel verifies nothing that it signs. */
export function keyFault(key: KeyObject): Fault | undefined {
  const { modulusLength = bits.shortest, namedCurve } = key.asymmetricKeyDetails ?? {};
  return (
    goKeyFault(key) ??
    (modulusLength < bits.shortest || modulusLength > bits.longest
      ? fault(key, `: ztunnel verifies ${String(bits.shortest)} to ${String(bits.longest)} bits`)
      : namedCurve === "secp224r1"
        ? fault(key, ", which ztunnel does not verify")
        : undefined)
  );
}

/**
 * What does not work with the key of an authority that is otherwise good; undefined where everything does. Ed25519 is among the
 * algorithms of Go and of aws-lc-rs, with which Istio builds ztunnel, but not of `boring-rustls-provider/fips-only`.
 */
export function keyLimit(key: KeyObject): string | undefined {
  return key.asymmetricKeyType === "ed25519"
    ? "has a key of Ed25519, which istiod and Istio's own builds of the proxies verify, but no FIPS build of them does"
    : undefined;
}
