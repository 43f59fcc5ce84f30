/** Certificates and keys in settings. No message quotes one: it may be a private key by mistake. */
import type { KeyObject, X509Certificate } from "node:crypto";
import { authorityFaults, type Fault, keyLimit, readCertificates, readPrivateKey, timeFault } from "../certificates";
import { checkedString } from "./formats";
import type { Problem } from "./issues";

/** The certificate of a root, PEM, which signs an intermediate for each cluster. Whether it is valid now is not looked at. */
export const rootCertificate = checkedString((text) => {
  const read = readCertificates(text);
  if ("kind" in read) {
    return problemOf([read]);
  }
  const [certificate, ...others] = read.certificates;
  if (certificate === undefined || others.length > 0) {
    return {
      problem: `contains ${String(read.certificates.length)} certificates`,
      remedy: "give the root's certificate alone, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    };
  }
  return problemOf(authorityFaults(certificate, { below: 1 }));
});

/** A private key without passphrase, PEM. */
export const privateKey = checkedString((text) => {
  const read = readPrivateKey(text);
  return "kind" in read ? problemOf([read]) : undefined;
});

/** What is wrong at a time with a certificate that has no other fault. */
export function timeProblem(text: string, now: Date): Problem | undefined {
  const fault = timeFault(readRoot(text).certificate, now);
  return fault && problemOf([fault]);
}

/** What is wrong with a certificate that has no other fault where Istio's images are FIPS builds. */
export function fipsProblem(text: string): Problem | undefined {
  const limit = keyLimit(readRoot(text).certificate.publicKey);
  return limit === undefined
    ? undefined
    : {
        problem: `${limit}: variant asks for one`,
        remedy: "give a root with a key of ECDSA (P-256 or P-384) or RSA, or leave variant out",
      };
}

function problemOf(faults: readonly Fault[]): Problem | undefined {
  return faults.length === 0
    ? undefined
    : {
        problem: faults.map(({ problem }) => problem).join("; "),
        remedy: `give ${faults.map(({ wanted }) => wanted).join(", and ")}`,
      };
}

/** A certificate that {@link rootCertificate} found no problem with, and the text of it that goes on. */
export function readRoot(text: string): { readonly certificate: X509Certificate; readonly pem: string } {
  const read = readCertificates(text);
  const [certificate] = "kind" in read ? [] : read.certificates;
  if ("kind" in read || certificate === undefined) {
    throw new Error("A root can't be read, although no problem was found: a bug in the checks of settings");
  }
  return { certificate, pem: read.pem };
}

/** The same of a key that {@link privateKey} found no problem with. */
export function readKey(text: string): { readonly key: KeyObject; readonly pem: string } {
  const read = readPrivateKey(text);
  if ("kind" in read) {
    throw new Error("A root's key can't be read, although no problem was found: a bug in the checks of settings");
  }
  return read;
}
