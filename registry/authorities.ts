import { existsSync, readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { PreconditionError } from "../diagnostics";
import { registrySection } from "./section";

const beginning = "-----BEGIN CERTIFICATE-----";

/** Where Linux keeps the authorities that it trusts: the list of Go, whose programs are asked next (root_linux.go). */
const systemFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/tls/cacert.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Whether a `ca` is the certificates themselves, and no path. */
export function isPem(ca: string): boolean {
  return ca.includes("-----BEGIN");
}

/**
 * Who may have signed the certificate of a registry: the given authority alone, as for Helm; else whom Node.js or this machine
 * trusts. Helm trusts what the machine does, and Node.js has a list of its own.
 *
 * @param ca PEM, or the path of a file of it.
 * @throws PreconditionError for a file without certificates.
 */
export function authoritiesFor(ca?: string): readonly string[] | undefined {
  if (ca !== undefined) {
    return [certificatesOf(ca)];
  }
  const file = process.env["SSL_CERT_FILE"] || systemFiles.find((path) => existsSync(path));
  return file !== undefined && existsSync(file) ? [...rootCertificates, readFileSync(file, "utf8")] : undefined;
}

function certificatesOf(ca: string): string {
  if (isPem(ca)) {
    return ca;
  }
  let text: string;
  try {
    text = readFileSync(ca, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new PreconditionError(
      `chartRegistry.ca: ${ca} can't be read (${reason}). Write the path of a PEM file, or the certificate itself.`,
      registrySection,
    );
  }
  if (!text.includes(beginning)) {
    throw new PreconditionError(
      `chartRegistry.ca: ${ca} has no certificate in PEM. Write the path of a file that has ${beginning}.`,
      registrySection,
    );
  }
  return text;
}
