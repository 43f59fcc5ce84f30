import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResourceType } from "../../../rehearsal/plugins/protocol/provider";
import { tls } from "../../../rehearsal/plugins/tls/provider";
import { OpenSsl } from "../../kwok/openssl";

let openssl: OpenSsl;
beforeAll(() => {
  openssl = new OpenSsl([]);
  openssl.run(`req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=ca`);
  openssl.run(`req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.csr -subj /CN=own`);
});
afterAll(() => {
  openssl.close();
});

/** Has the stand-in sign own.csr. */
async function sign(caCertPem: string, caPrivateKeyPem: string): Promise<unknown> {
  const type: ResourceType | undefined = tls.resource("tls:index/locallySignedCert:LocallySignedCert");
  const inputs = {
    certRequestPem: openssl.read("own.csr"),
    caCertPem,
    caPrivateKeyPem,
    isCaCertificate: true,
    allowedUses: ["cert_signing"],
    validityPeriodHours: 24,
    earlyRenewalHours: 0,
  };
  return (await type?.create(inputs, { preview: false } as Parameters<ResourceType["create"]>[1]))?.state;
}

describe("the stand-in for the tls plugin", () => {
  it.each<[string, () => string]>([
    ["PKCS #8", () => openssl.run("pkey -in ca.key")],
    ["SEC 1", () => openssl.run("ec -in ca.key")],
    ["Windows' line ends", () => openssl.run("pkey -in ca.key").replaceAll("\n", "\r\n")],
    ["text before it", () => `a key\n${openssl.run("pkey -in ca.key")}`],
  ])("signs with a key as %s, as the plugin does", async (_form, key) => {
    const state = await sign(openssl.run("x509 -in ca.pem -text"), key());
    expect(state).toMatchObject({ certPem: expect.stringContaining("BEGIN CERTIFICATE") as string });
  });

  it.each<[string, () => [string, string], RegExp]>([
    ["a key behind its parameters", () => [ca(), openssl.run("ecparam -name prime256v1") + key()], /EC PARAMETERS/],
    ["a key behind a certificate", () => [ca(), ca() + key()], /begins with a block CERTIFICATE/],
    ["a key behind a byte order mark", () => [ca(), `\uFEFF${key()}`], /start of a line/],
    ["a key with another label", () => [ca(), key().replaceAll("PRIVATE", "EC PRIVATE")], /another form/],
    ["an encrypted key", () => [ca(), openssl.run("pkcs8 -topk8 -in ca.key -passout pass:abcd")], /passphrase/],
    ["a key on secp256k1", () => [ca(), genpkey("EC -pkeyopt ec_paramgen_curve:secp256k1")], /secp256k1/],
    ["a key of RSA-PSS", () => [ca(), genpkey("RSA-PSS -pkeyopt rsa_keygen_bits:2048")], /RSA-PSS/],
    ["a key of another", () => [ca(), openssl.run("pkey -in own.key")], /not the key of caCertPem/],
    ["a key in place of the certificate", () => [key() + ca(), key()], /begins with a block PRIVATE KEY/],
    ["trust settings", () => [openssl.run("x509 -in ca.pem -trustout"), key()], /TRUSTED CERTIFICATE|no certificate/],
    ["a certificate behind a byte order mark", () => [`\uFEFF${ca()}`, key()], /no certificate in PEM/],
    [
      "a negative serial number",
      () => [openssl.run("req -x509 -key ca.key -set_serial -5 -subj /CN=ca"), key()],
      /negative serial/,
    ],
  ])("refuses %s, as the plugin does", async (_what, texts, message) => {
    await expect(sign(...texts())).rejects.toThrow(message);
  });
});

const ca = () => openssl.run("x509 -in ca.pem");
const key = () => openssl.run("pkey -in ca.key");
const genpkey = (algorithm: string) => openssl.run(`genpkey -algorithm ${algorithm}`);
