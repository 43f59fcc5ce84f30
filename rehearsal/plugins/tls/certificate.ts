import { randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import "./reflect";
import * as x509 from "@peculiar/x509";
import { goBlocks, pemOf, readCertificates } from "../../../certificates";
import { differ, withUnknown } from "../protocol/difference";
import type { Difference } from "../protocol/difference";
import type { Checked, ResourceType } from "../protocol/provider";
import { asText, hasUnknown, reveal, revealProps } from "../protocol/values";
import type { JsonObject, Props } from "../protocol/values";
import {
  alternativeNames,
  basicConstraints,
  distinguishedName,
  keyIdentifier,
  strings,
  unknownUsages,
  usageExtensions,
} from "./extensions";
import { algorithmOf, readKey, signer } from "./key";

const HOUR_MS = 3_600_000;

/** subjectAltName */
const ALTERNATIVE_NAME = "2.5.29.17";

const selfSigned: Kind = {
  algorithm: "keyAlgorithm",
  defaults: { isCaCertificate: false, setSubjectKeyId: false, setAuthorityKeyId: false, earlyRenewalHours: 0 },
  make: async (inputs) => {
    const key = readKey(asText(inputs.privateKeyPem), "privateKeyPem");
    const { keys } = await signer(key);
    const name = distinguishedName(inputs.subject);
    const publicKey = await x509.PublicKey.create(keys.publicKey);
    return {
      key,
      subject: name,
      issuer: name,
      publicKey,
      extensions: [
        ...(inputs.setAuthorityKeyId === true
          ? [new x509.AuthorityKeyIdentifierExtension(keyIdentifier(publicKey))]
          : []),
        ...alternativeNames(inputs),
      ],
    };
  },
};

const locallySigned: Kind = {
  algorithm: "caKeyAlgorithm",
  defaults: { isCaCertificate: false, setSubjectKeyId: false, earlyRenewalHours: 0 },
  make: async (inputs) => {
    const request = readRequest(asText(inputs.certRequestPem));
    const authority = readCertificate(asText(inputs.caCertPem));
    const key = readKey(asText(inputs.caPrivateKeyPem), "caPrivateKeyPem");
    const publicKey = await x509.PublicKey.create((await signer(key)).keys.publicKey);
    if (!Buffer.from(publicKey.rawData).equals(Buffer.from(authority.publicKey.rawData))) {
      throw new Error("caPrivateKeyPem is not the key of caCertPem.");
    }
    if (!(await request.verify())) {
      throw new Error("certRequestPem is not signed by the key that it asks a certificate for.");
    }
    const identifier = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
    return {
      key,
      subject: request.subjectName.toJSON(),
      issuer: authority.subjectName.toJSON(),
      publicKey: request.publicKey,
      extensions: [
        ...(identifier === undefined ? [] : [new x509.AuthorityKeyIdentifierExtension(identifier)]),
        ...request.getExtensions(ALTERNATIVE_NAME),
      ],
    };
  },
};

/** What two kinds of certificates differ in. */
interface Kind {
  /** The output that names the signing key's algorithm. */
  readonly algorithm: string;
  readonly defaults: Props;
  make(inputs: JsonObject): Promise<Parts>;
}

interface Parts {
  readonly key: KeyObject;
  readonly subject: x509.JsonName;
  readonly issuer: x509.JsonName;
  readonly publicKey: x509.PublicKey;
  readonly extensions: x509.Extension[];
}

/**
 * A certificate never changes: other inputs make another one, and so does the end of its time less
 * `earlyRenewalHours`. Only `earlyRenewalHours` itself is changed in place.
 */
function certificate(kind: Kind): ResourceType {
  const outputs = [kind.algorithm, "certPem", "readyForRenewal", "validityStartTime", "validityEndTime"];
  return {
    check: (inputs) => check({ ...kind.defaults, ...inputs }),
    diff: (old, inputs) =>
      withRenewal(
        differ(old.inputs, inputs, ([key]) => key !== "earlyRenewalHours"),
        old.state,
        inputs,
      ),
    create: async (inputs, call) => {
      if (call.preview) {
        return { id: "", state: withUnknown(inputs, outputs) };
      }
      const plain = revealProps(inputs);
      const parts = await kind.make(plain);
      const { serialNumber, pem, notBefore, notAfter } = await sign(parts, plain);
      return {
        id: BigInt(`0x${serialNumber}`).toString(),
        state: {
          ...inputs,
          [kind.algorithm]: algorithmOf(parts.key),
          certPem: pem,
          readyForRenewal: false,
          validityStartTime: rfc3339(notBefore),
          validityEndTime: rfc3339(notAfter),
        },
      };
    },
    read: (old) => ({ ...old, state: { ...old.state, readyForRenewal: due(old.state, old.state) } }),
    update: (old, inputs) => ({
      ...old.state,
      ...inputs,
      readyForRenewal: due(old.state, inputs),
    }),
  };
}

function check(inputs: Props): Checked {
  const usages = inputs.allowedUses;
  const wrong = usages === undefined || hasUnknown(usages) ? [] : unknownUsages(strings(reveal(usages)));
  return {
    inputs,
    failures: wrong.map((usage) => ({ property: "allowedUses", reason: `${usage} is no key usage` })),
  };
}

function withRenewal(difference: Difference, state: Props, inputs: Props): Difference {
  if (!due(state, inputs)) {
    return difference;
  }
  return {
    changes: new Map([...difference.changes, ["readyForRenewal", "update"]]),
    replaces: [...difference.replaces, "readyForRenewal"],
  };
}

/** Whether the certificate's time, less the hours to renew it early, is up. */
function due(state: Props, { earlyRenewalHours = 0 }: Props): boolean {
  if (hasUnknown(earlyRenewalHours)) {
    return false;
  }
  const end = Date.parse(asText(state.validityEndTime));
  return Date.now() >= end - Number(reveal(earlyRenewalHours)) * HOUR_MS;
}

async function sign(
  parts: Parts,
  inputs: JsonObject,
): Promise<{
  serialNumber: string;
  pem: string;
  notBefore: Date;
  notAfter: Date;
}> {
  const { keys, algorithm } = await signer(parts.key);
  // Whole seconds: certificates know nothing finer.
  const notBefore = new Date(Math.floor(Date.now() / 1000) * 1000);
  const notAfter = new Date(notBefore.getTime() + Number(inputs.validityPeriodHours) * HOUR_MS);
  const serial = randomBytes(16);
  // A serial number is positive: its first bit is 0 (RFC 5280 4.1.2.2), and so that its length is as usual the next is 1.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const serialNumber = serial.toString("hex");
  const signed = await x509.X509CertificateGenerator.create({
    serialNumber,
    subject: parts.subject,
    issuer: parts.issuer,
    notBefore,
    notAfter,
    publicKey: parts.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      ...usageExtensions(strings(inputs.allowedUses)),
      basicConstraints(inputs),
      ...(inputs.setSubjectKeyId === true || inputs.isCaCertificate === true
        ? [new x509.SubjectKeyIdentifierExtension(keyIdentifier(parts.publicKey))]
        : []),
      ...parts.extensions,
    ],
  });
  return { serialNumber, pem: `${signed.toString("pem")}\n`, notBefore, notAfter };
}

function readRequest(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch {
    throw new Error("certRequestPem holds no certificate request in PEM format.");
  }
}

/** The first block of a text, as the plugin reads it, which is written in Go. */
function readCertificate(pem: string): x509.X509Certificate {
  const [block] = goBlocks(pem);
  if (block === undefined) {
    throw new Error("caCertPem holds no certificate in PEM format.");
  }
  if (block.label !== "CERTIFICATE") {
    throw new Error(`caCertPem begins with a block ${block.label}, where a CERTIFICATE is expected.`);
  }
  const read = readCertificates(pemOf(block));
  if ("kind" in read) {
    throw new Error(`caCertPem ${read.problem}.`);
  }
  return new x509.X509Certificate(read.pem);
}

function rfc3339(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}

export const selfSignedCert = certificate(selfSigned);
export const locallySignedCert = certificate(locallySigned);
