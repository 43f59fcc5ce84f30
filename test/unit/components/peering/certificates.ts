import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The private key of a certificate authority, PEM. */
export function authorityKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A root certificate of a key, PEM, made by openssl: each has a serial number of its own. */
export function rootCertificate(key: string): string {
  const folder = mkdtempSync(join(tmpdir(), "flatmesh-root-"));
  try {
    const file = join(folder, "root.key");
    writeFileSync(file, key);
    const subject = ["-subj", "/CN=Root CA", "-addext", "basicConstraints=critical,CA:TRUE"];
    const args = ["req", "-x509", "-new", "-key", file, "-days", "3650", ...subject];
    return execFileSync("openssl", args, { encoding: "utf8", stdio: "pipe" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
