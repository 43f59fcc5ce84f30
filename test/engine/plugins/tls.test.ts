import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tls from "@pulumi/tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workbench } from "./workbench";

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(async () => {
  await bench.destroy();
  await bench.close();
});

const AUTHORITY_USES = ["cert_signing", "crl_signing", "digital_signature"];

/** A root, and an intermediate by it: as a mesh has them. */
function chain(name: string, key: tls.PrivateKeyArgs, earlyRenewalHours = 0) {
  const rootKey = new tls.PrivateKey(`${name}-root`, key);
  const root = new tls.SelfSignedCert(`${name}-root`, {
    privateKeyPem: rootKey.privateKeyPem,
    subject: { organization: "Example, Inc.", commonName: "Root" },
    isCaCertificate: true,
    allowedUses: AUTHORITY_USES,
    validityPeriodHours: 48,
  });
  const request = new tls.CertRequest(name, {
    privateKeyPem: new tls.PrivateKey(name, key).privateKeyPem,
    subject: { commonName: "Intermediate", streetAddresses: ["One Way 1"] },
    dnsNames: ["istiod.istio-system.svc"],
    uris: ["spiffe://cluster.local/ns/a/sa/b"],
    ipAddresses: ["10.0.0.1", "fd00::1"],
  });
  const intermediate = new tls.LocallySignedCert(name, {
    certRequestPem: request.certRequestPem,
    caCertPem: root.certPem,
    caPrivateKeyPem: rootKey.privateKeyPem,
    isCaCertificate: true,
    maxPathLength: 0,
    setSubjectKeyId: true,
    allowedUses: AUTHORITY_USES,
    validityPeriodHours: 24,
    earlyRenewalHours,
  });
  return { root, intermediate };
}

const KEYS: Readonly<Record<string, tls.PrivateKeyArgs>> = {
  rsa: { algorithm: "RSA", rsaBits: 2048 },
  p256: { algorithm: "ECDSA", ecdsaCurve: "P256" },
  p384: { algorithm: "ECDSA", ecdsaCurve: "P384" },
  p521: { algorithm: "ECDSA", ecdsaCurve: "P521" },
  ed25519: { algorithm: "ED25519" },
};

const everyChain =
  (earlyRenewalHours = 0) =>
  () =>
    Promise.resolve(
      Object.fromEntries(
        Object.entries(KEYS).flatMap(([name, key]) => {
          const { root, intermediate } = chain(name, key, earlyRenewalHours);
          return [
            [`${name}-root`, root.certPem],
            [name, intermediate.certPem],
            [`${name}-end`, intermediate.validityEndTime],
          ];
        }),
      ),
    );

function openssl(...args: string[]): string {
  return execFileSync("openssl", args, { encoding: "utf8" });
}

test("chains of every algorithm satisfy openssl, and no private key is readable in the state", async () => {
  const { outputs } = await bench.up(everyChain());
  for (const name of Object.keys(KEYS)) {
    const [root, certificate] = [`${name}-root`, name].map((output) => {
      const file = join(bench.folder, `${output}.pem`);
      writeFileSync(file, String(outputs[output]));
      return file;
    }) as [string, string];
    expect(openssl("verify", "-x509_strict", "-CAfile", root, certificate)).toContain("OK");
    const text = openssl("x509", "-in", certificate, "-noout", "-text");
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign\n/);
    expect(text).toContain(
      "DNS:istiod.istio-system.svc, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1, URI:spiffe://cluster.local/ns/a/sa/b",
    );
    expect(text).toContain('Issuer: O = "Example, Inc.", CN = Root');
    expect(openssl("x509", "-in", root, "-noout", "-text")).toMatch(/Basic Constraints: critical\s+CA:TRUE\n/);
    const hours = (Date.parse(String(outputs[`${name}-end`])) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
  }
  const state = await bench.stateText();
  expect(state).toContain("BEGIN CERTIFICATE");
  expect(state).not.toContain("PRIVATE KEY");
});

test("a second plan is silent, also after a refresh", async () => {
  const count = Object.keys(KEYS).length;
  expect(await bench.preview(everyChain())).toEqual({ same: count * 5 + 1 });
  await bench.refresh();
  expect(await bench.preview(everyChain())).toEqual({ same: count * 5 + 1 });
});

test("more hours to renew early change nothing, until they reach into the present: then the certificate is replaced", async () => {
  const count = Object.keys(KEYS).length;
  expect(await bench.preview(everyChain(1))).toEqual({ same: count * 4 + 1, update: count });
  expect(await bench.preview(everyChain(25))).toEqual({ same: count * 4 + 1, replace: count });
});

test("a certificate is not made with somebody else's key, or for a usage that is none", async () => {
  const other = () => {
    const { root } = chain("p256", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const stranger = new tls.PrivateKey("stranger", { algorithm: "ECDSA", ecdsaCurve: "P256" });
    const request = new tls.CertRequest("victim", { privateKeyPem: stranger.privateKeyPem });
    new tls.LocallySignedCert("forged", {
      certRequestPem: request.certRequestPem,
      caCertPem: root.certPem,
      caPrivateKeyPem: stranger.privateKeyPem,
      allowedUses: ["server_auth"],
      validityPeriodHours: 1,
    });
    return Promise.resolve();
  };
  expect(await bench.failure(other)).toContain("caPrivateKeyPem is not the key of caCertPem");
  const misuse = () => {
    const key = new tls.PrivateKey("key", { algorithm: "ED25519" });
    new tls.SelfSignedCert("misused", {
      privateKeyPem: key.privateKeyPem,
      allowedUses: ["fly"],
      validityPeriodHours: 1,
    });
    return Promise.resolve();
  };
  expect(await bench.failure(misuse)).toContain("fly is no key usage");
});
