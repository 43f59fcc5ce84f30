import { createPublicKey, generateKeyPair, webcrypto } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { readKeyAsGo } from "../../../certificates";

const generate = promisify(generateKeyPair);

/** Curves as Pulumi and as OpenSSL name them. */
const CURVES = new Map([
  ["P224", "secp224r1"],
  ["P256", "prime256v1"],
  ["P384", "secp384r1"],
  ["P521", "secp521r1"],
]);

export type Algorithm = "RSA" | "ECDSA" | "ED25519";

export interface KeyChoice {
  readonly algorithm: string;
  readonly rsaBits: number;
  readonly ecdsaCurve: string;
}

/** Makes a private key; fails on an algorithm or curve that Pulumi's tls package does not have either. */
export async function makeKey({ algorithm, rsaBits, ecdsaCurve }: KeyChoice): Promise<KeyObject> {
  switch (algorithm) {
    case "RSA":
      return (await generate("rsa", { modulusLength: rsaBits })).privateKey;
    case "ECDSA": {
      const namedCurve = CURVES.get(ecdsaCurve);
      if (namedCurve === undefined) {
        throw new Error(`ecdsaCurve must be one of ${[...CURVES.keys()].join(", ")}, not ${ecdsaCurve}.`);
      }
      return (await generate("ec", { namedCurve })).privateKey;
    }
    case "ED25519":
      return (await generate("ed25519", {})).privateKey;
    default:
      throw new Error(`algorithm must be one of RSA, ECDSA, ED25519, not ${algorithm}.`);
  }
}

export function algorithmOf(key: KeyObject): Algorithm {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return "RSA";
    case "ec":
      return "ECDSA";
    case "ed25519":
      return "ED25519";
    default:
      throw new Error(`Keys of type ${String(key.asymmetricKeyType)} are not supported: use RSA, ECDSA or ED25519.`);
  }
}

/** The key in the form its algorithm traditionally has: PKCS #1, SEC 1, or PKCS #8 where there is none. */
export function traditionalPem(key: KeyObject): string {
  const algorithm = algorithmOf(key);
  const type = algorithm === "RSA" ? "pkcs1" : algorithm === "ECDSA" ? "sec1" : "pkcs8";
  return key.export({ type, format: "pem" }).toString();
}

export function pkcs8Pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

export function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
}

/** Reads a private key as the plugin does, which is written in Go; the message never quotes it. */
export function readKey(pem: string, property: string): KeyObject {
  const read = readKeyAsGo(pem);
  if ("kind" in read) {
    throw new Error(`${property} ${read.problem}: the tls plugin wants ${read.wanted}.`);
  }
  return read.key;
}

export interface Signer {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly algorithm: webcrypto.EcdsaParams | webcrypto.Algorithm;
}

/** The key as Web Crypto wants it, which signs certificates, with the hash that Go's x509 picks for it. */
export async function signer(key: KeyObject): Promise<Signer> {
  const { importing, signing } = signingAlgorithm(key);
  const { subtle } = webcrypto;
  const [privateKey, publicKey] = await Promise.all([
    subtle.importKey("pkcs8", key.export({ type: "pkcs8", format: "der" }), importing, true, ["sign"]),
    subtle.importKey("spki", createPublicKey(key).export({ type: "spki", format: "der" }), importing, true, ["verify"]),
  ]);
  return { keys: { privateKey, publicKey }, algorithm: signing };
}

const SIGNING_CURVES = new Map([
  ["prime256v1", { namedCurve: "P-256", hash: "SHA-256" }],
  ["secp384r1", { namedCurve: "P-384", hash: "SHA-384" }],
  ["secp521r1", { namedCurve: "P-521", hash: "SHA-512" }],
]);

function signingAlgorithm(key: KeyObject): {
  importing: webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm;
  signing: Signer["algorithm"];
} {
  switch (algorithmOf(key)) {
    case "RSA":
      return {
        importing: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
        signing: { name: "RSASSA-PKCS1-v1_5" },
      };
    case "ED25519":
      return { importing: { name: "Ed25519" }, signing: { name: "Ed25519" } };
    case "ECDSA": {
      const curve = SIGNING_CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? "");
      if (curve === undefined) {
        throw new Error("The stand-in tls plugin signs certificates with curve P256, P384 or P521 only.");
      }
      return {
        importing: { name: "ECDSA", namedCurve: curve.namedCurve },
        signing: { name: "ECDSA", hash: curve.hash },
      };
    }
  }
}
