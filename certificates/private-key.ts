import { createPrivateKey, createPublicKey, type KeyObject, type X509Certificate } from "node:crypto";
import { isPrivateKey } from "./certificates";
import type { Fault } from "./fault";
import { anyBlocks, goBlocks, isPlain, type PemBlock } from "./pem";
import { goKeyFault } from "./public-key";

/** A private key with a text of it that Go reads. */
export interface ReadKey {
  readonly key: KeyObject;
  /** PEM: the text as it was, if Go reads it and it has nothing else; else PKCS #8. */
  readonly pem: string;
}

/** Forms of a private key, by the label that Go expects on them. */
const forms = {
  "RSA PRIVATE KEY": "pkcs1",
  "EC PRIVATE KEY": "sec1",
  "PRIVATE KEY": "pkcs8",
} as const;

type Form = (typeof forms)[keyof typeof forms];

/** What is asked for where a key can't be read. It decodes every form of OpenSSL's. */
const asPkcs8 = "the key as `openssl pkcs8 -topk8 -nocrypt -in FILE` prints it";

/** Reads the one private key in a text, whatever else stands there, and whatever form and label it has. */
export function readPrivateKey(text: string): ReadKey | Fault {
  const blocks = anyBlocks(text);
  const keys = blocks.filter(isPrivateKey);
  const [block] = keys;
  if (block === undefined && text.includes("ENCRYPTED")) {
    return encrypted;
  }
  if (block === undefined) {
    return format("is not a PEM private key", "the private key, from -----BEGIN … PRIVATE KEY----- to its END line");
  }
  if (keys.length > 1) {
    return format(`has ${String(keys.length)} private keys`, "one private key");
  }
  const key = decode(block);
  return "kind" in key ? key : { key, pem: isPlainForm(text, block) ? text : pkcs8(key) };
}

/** Reads a private key as Go's programs do, istiod and the tls plugin among them: the first block of a text, by its label. */
export function readKeyAsGo(text: string): ReadKey | Fault {
  const [block] = goBlocks(text);
  const [meant] = anyBlocks(text).filter(isPrivateKey);
  if (meant === undefined) {
    return format(text.trim() === "" ? "is empty" : "is not a PEM private key", "the private key in PEM");
  }
  if (block === undefined) {
    return format(
      "is not at the start of a line, where Go looks for it: a byte order mark or indentation stands before it",
      "the key without either",
    );
  }
  if (isEncrypted(block)) {
    return encrypted;
  }
  if (formOf(block) === undefined) {
    return format(
      `begins with a block ${block.label}, and Go reads the first block alone`,
      "the key alone, without that",
    );
  }
  const key = decode(block);
  if ("kind" in key) {
    return key;
  }
  return formOf(block) === shapeOf(block.der)
    ? { key, pem: text }
    : format(`has a key of another form than its label ${block.label} says`, asPkcs8);
}

/** Whether a private key is that of a certificate. */
export function isKeyOf(key: KeyObject, { publicKey }: Pick<X509Certificate, "publicKey">): boolean {
  return createPublicKey(key).equals(publicKey);
}

function format(problem: string, wanted: string): Fault {
  return { kind: "format", problem, wanted };
}

const encrypted = format(
  "is protected by a passphrase",
  "the key without one (`openssl pkey -in FILE` asks for the passphrase, and prints it)",
);

function isEncrypted({ label, headers }: PemBlock): boolean {
  return label === "ENCRYPTED PRIVATE KEY" || headers;
}

function decode(block: PemBlock): KeyObject | Fault {
  if (isEncrypted(block)) {
    return encrypted;
  }
  if (block.label === "OPENSSH PRIVATE KEY") {
    return format("is a key of SSH", "the key of the certificate");
  }
  const type = shapeOf(block.der);
  try {
    const key = createPrivateKey({ key: block.der, format: "der", type });
    return goKeyFault(createPublicKey(key)) ?? key;
  } catch {
    return format("is a private key that can't be decoded", "the whole PEM text, line breaks included");
  }
}

function formOf({ label }: PemBlock): Form | undefined {
  return Object.entries(forms).find(([own]) => own === label)?.[1];
}

/** The form of a key by its structure: a number comes first, and then a number (PKCS #1), a text (SEC 1) or a structure (PKCS #8). */
function shapeOf(der: Buffer): Form {
  const [number, text] = [0x02, 0x04];
  const long = der[1] ?? 0;
  const version = long > 0x80 ? 2 + (long & 0x7f) : 2;
  const second = der[version + 2 + (der[version + 1] ?? 0)];
  return second === number ? "pkcs1" : second === text ? "sec1" : "pkcs8";
}

function isPlainForm(text: string, block: PemBlock): boolean {
  return isPlain(text, 1) && formOf(block) === shapeOf(block.der);
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
