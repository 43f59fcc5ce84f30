import type { X509Certificate } from "node:crypto";

/** What a certificate says of what may be signed with its key. */
export interface SigningRights {
  /** CA:TRUE of its basic constraints. */
  readonly isAuthority: boolean;
  /** Whether the key may sign certificates: keyCertSign, or no word of its use at all (RFC 5280, 4.2.1.3). */
  readonly mayCertify: boolean;
  /** How many authorities may stand between it and a workload's certificate; absent where there is no limit. */
  readonly pathLength?: number;
}

/** Object identifiers of two extensions (2.5.29.15 and 2.5.29.19), DER. */
const [keyUsage, basicConstraints] = ["551d0f", "551d13"];

/** Node tells of no key usage and no path length: they are read from the certificate itself. */
export function signingRights(certificate: X509Certificate): SigningRights {
  const [usage] = elements(extension(certificate.raw, keyUsage));
  const [constraints] = elements(extension(certificate.raw, basicConstraints));
  const limit = elements(constraints?.content).find(({ tag }) => tag === tags.integer);
  return {
    // Node's own word takes the key usage in, too: it could not say which of the two is wrong.
    isAuthority: elements(constraints?.content).some(({ tag, content }) => tag === tags.boolean && content[0] !== 0),
    // A bit string: the number of unused bits, then the bits, of which keyCertSign is the sixth.
    mayCertify: usage === undefined || ((usage.content[1] ?? 0) & 0b100) !== 0,
    ...(limit && limit.content.length > 0 && { pathLength: limit.content.readUIntBE(0, limit.content.length) }),
  };
}

const tags = { boolean: 0x01, integer: 0x02, extensions: 0xa3 };

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** What an extension holds; undefined where the certificate does not have it. */
function extension(certificate: Buffer, identifier: string): Buffer | undefined {
  const [whole] = elements(certificate);
  const [signed] = elements(whole?.content);
  const [list] = elements(elements(signed?.content).find(({ tag }) => tag === tags.extensions)?.content);
  return elements(list?.content)
    .map(({ content }) => elements(content))
    .find(([name]) => name?.content.toString("hex") === identifier)
    ?.at(-1)?.content;
}

/** The elements that follow one another in DER; none for an undefined one. */
function elements(der: Buffer | undefined): Element[] {
  const found: Element[] = [];
  let rest = der ?? Buffer.alloc(0);
  while (rest.length >= 2) {
    const [tag = 0, first = 0] = rest;
    // Up to 127 the length stands for itself; above, this is how many bytes have it.
    const more = first < 0x80 ? 0 : first - 0x80;
    const length = more === 0 ? first : rest.readUIntBE(2, more);
    found.push({ tag, content: rest.subarray(2 + more, 2 + more + length) });
    rest = rest.subarray(2 + more + length);
  }
  return found;
}
