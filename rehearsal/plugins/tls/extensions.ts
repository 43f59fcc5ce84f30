import { createHash } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { JsonObject } from "../protocol/values";

const KEY_USAGES = new Map<string, x509.KeyUsageFlags>([
  ["digital_signature", x509.KeyUsageFlags.digitalSignature],
  ["content_commitment", x509.KeyUsageFlags.nonRepudiation],
  ["key_encipherment", x509.KeyUsageFlags.keyEncipherment],
  ["data_encipherment", x509.KeyUsageFlags.dataEncipherment],
  ["key_agreement", x509.KeyUsageFlags.keyAgreement],
  ["cert_signing", x509.KeyUsageFlags.keyCertSign],
  ["crl_signing", x509.KeyUsageFlags.cRLSign],
  ["encipher_only", x509.KeyUsageFlags.encipherOnly],
  ["decipher_only", x509.KeyUsageFlags.decipherOnly],
]);

const EXTENDED_KEY_USAGES = new Map<string, string>([
  ["any_extended", "2.5.29.37.0"],
  ["server_auth", "1.3.6.1.5.5.7.3.1"],
  ["client_auth", "1.3.6.1.5.5.7.3.2"],
  ["code_signing", "1.3.6.1.5.5.7.3.3"],
  ["email_protection", "1.3.6.1.5.5.7.3.4"],
  ["ipsec_end_system", "1.3.6.1.5.5.7.3.5"],
  ["ipsec_tunnel", "1.3.6.1.5.5.7.3.6"],
  ["ipsec_user", "1.3.6.1.5.5.7.3.7"],
  ["timestamping", "1.3.6.1.5.5.7.3.8"],
  ["ocsp_signing", "1.3.6.1.5.5.7.3.9"],
  ["microsoft_server_gated_crypto", "1.3.6.1.4.1.311.10.3.3"],
  ["netscape_server_gated_crypto", "2.16.840.1.113730.4.1"],
  ["microsoft_commercial_code_signing", "1.3.6.1.4.1.311.2.1.22"],
  ["microsoft_kernel_code_signing", "1.3.6.1.4.1.311.61.1.1"],
]);

/** Usages that no certificate can have, of those asked for. */
export function unknownUsages(usages: readonly string[]): string[] {
  return usages.filter((usage) => !KEY_USAGES.has(usage) && !EXTENDED_KEY_USAGES.has(usage));
}

export function usageExtensions(usages: readonly string[]): x509.Extension[] {
  const flags = usages.flatMap((usage) => KEY_USAGES.get(usage) ?? []);
  const extended = usages.flatMap((usage) => EXTENDED_KEY_USAGES.get(usage) ?? []);
  return [
    ...(flags.length === 0 ? [] : [new x509.KeyUsagesExtension(flags.reduce(union), true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}

function union(one: x509.KeyUsageFlags, other: x509.KeyUsageFlags): x509.KeyUsageFlags {
  return one | other;
}

/** Certificate authority or not, and how many more may follow: 0 is a limit, absent is none. */
export function basicConstraints(inputs: JsonObject): x509.Extension {
  const authority = inputs.isCaCertificate === true;
  const length = authority && typeof inputs.maxPathLength === "number" ? inputs.maxPathLength : undefined;
  return new x509.BasicConstraintsExtension(authority, length, true);
}

export function alternativeNames(inputs: JsonObject): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...strings(inputs.dnsNames).map((value) => ({ type: "dns" as const, value })),
    ...strings(inputs.ipAddresses).map((value) => ({ type: "ip" as const, value })),
    ...strings(inputs.uris).map((value) => ({ type: "url" as const, value })),
  ];
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)];
}

/** The identifier of a key as RFC 5280 4.2.1.2 (1) makes it: SHA-1 of the public key's bits. */
export function keyIdentifier(publicKey: x509.PublicKey): string {
  const info = Buffer.from(publicKey.rawData);
  return createHash("sha1").update(bitsOf(info)).digest("hex");
}

/** The content of the BIT STRING, the last element of a SubjectPublicKeyInfo (DER), without its count of unused bits. */
function bitsOf(info: Buffer): Buffer {
  const { start } = header(info, 0);
  const algorithm = header(info, start);
  const bits = header(info, algorithm.end);
  return info.subarray(bits.start + 1, bits.end);
}

function header(der: Buffer, at: number): { start: number; end: number } {
  const short = der.readUInt8(at + 1);
  const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
  const length = lengthBytes === 0 ? short : der.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  return { start, end: start + length };
}

const SUBJECT_FIELDS: readonly (readonly [string, string])[] = [
  ["country", "C"],
  ["organization", "O"],
  ["organizationalUnit", "OU"],
  ["locality", "L"],
  ["province", "ST"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "CN"],
  ["serialNumber", "2.5.4.5"],
];

/** The distinguished name of a `subject`, its fields in the order in which Go writes them. */
export function distinguishedName(subject: unknown): x509.JsonName {
  const fields = (typeof subject === "object" && subject !== null ? subject : {}) as JsonObject;
  return SUBJECT_FIELDS.flatMap(([field, type]) => strings(fields[field]).map((text) => ({ [type]: [text] })));
}

/** A list of texts, or one text as a list. */
export function strings(value: unknown): string[] {
  if (Array.isArray(value)) {
    return value.map(String);
  }
  return typeof value === "string" && value !== "" ? [value] : [];
}
