import { createPrivateKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  certificatesIn,
  goBlocks,
  isKeyOf,
  readAsGo,
  readCertificates,
  readKeyAsGo,
  readPrivateKey,
} from "../../../certificates";
import { OpenSsl } from "../../kwok/openssl";

let openssl: OpenSsl;
let one: string;
let other: string;
let rsa: string;
let ec: string;
beforeAll(() => {
  openssl = new OpenSsl([]);
  for (const name of ["one", "other"]) {
    openssl.run(`req -x509 -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.pem -days 30 -subj /CN=${name}`);
  }
  openssl.run("ecparam -name prime256v1 -genkey -out ec.params");
  [one, other] = ["one", "other"].map((name) => openssl.run(`x509 -in ${name}.pem`)) as [string, string];
  [rsa, ec] = [openssl.run("pkey -in one.key"), openssl.run("pkey -in ec.params")];
});
afterAll(() => {
  openssl.close();
});

const bom = "\uFEFF";

describe("a text with certificates", () => {
  it("that is plain goes on as it is", () => {
    for (const text of [one, one.trimEnd(), one + other, `\n${one}\n\n${other}`]) {
      expect(readCertificates(text)).toMatchObject({ pem: text });
    }
  });

  it.each<[string, () => string]>([
    ["a byte order mark", () => bom + one],
    ["byte order marks between files", () => bom + one + bom + other],
    ["Windows' line ends", () => one.replaceAll("\n", "\r\n")],
    ["old line ends", () => one.replaceAll("\n", "\r")],
    ["indentation", () => one.replaceAll(/^/gm, "    ")],
    ["everything on one line", () => one.replaceAll("\n", " ")],
    ["line ends as JSON has them", () => one.replaceAll("\n", "\\n")],
    ["no line end between two", () => one.trimEnd() + other],
    ["text before", () => openssl.run("x509 -in one.pem -text")],
    ["junk behind", () => `${one}junk`],
    ["parameters before", () => openssl.run("ecparam -name prime256v1") + one],
    ["a public key behind", () => one + openssl.run("pkey -in one.key -pubout")],
  ])("that has %s goes on as the certificates alone", (_what, text) => {
    const expected = text().includes(certificatesIn(other).join("").slice(60, 100)) ? one + other : one;
    expect(readCertificates(text())).toMatchObject({ pem: expected });
  });

  it.each<[string, () => string, RegExp]>([
    ["a key behind", () => one + rsa, /^has a private key beside the certificate/],
    ["a key before", () => rsa + one, /^has a private key beside the certificate/],
    ["an encrypted key behind", () => one + encrypted(), /^has a private key beside the certificate/],
    ["a key alone", () => rsa, /^is a private key, not a certificate/],
    ["nothing", () => "", /^is not a PEM certificate/],
    ["its end lost", () => one.slice(0, 500), /^is not a readable certificate/],
    ["a line lost", () => one.replace(/\n.*\n/, "\n"), /^is not a readable certificate/],
    [
      "trust settings",
      () => openssl.run("x509 -in one.pem -trustout -addtrust serverAuth"),
      /block TRUSTED CERTIFICATE/,
    ],
    ["another label", () => one.replaceAll("CERTIFICATE", "X509 CERTIFICATE"), /block X509 CERTIFICATE/],
    ["PKCS #7", () => openssl.run("crl2pkcs7 -nocrl -certfile one.pem"), /block PKCS7/],
    ["a request", () => openssl.run("req -new -key one.key -subj /CN=a"), /^is a CERTIFICATE REQUEST/],
    [
      "a negative serial number",
      () => openssl.run("req -x509 -key one.key -set_serial -5 -subj /CN=a"),
      /negative serial/,
    ],
    [
      "a curve that Go lacks",
      () => selfSigned("ec -pkeyopt ec_paramgen_curve:secp256k1"),
      /ECDSA secp256k1, which Go can't/,
    ],
    ["a curve of its own", () => selfSigned(explicit), /explicit parameters/],
  ])("that has %s is refused without quoting", (_what, text, problem) => {
    const read = readCertificates(text());
    expect(read).toMatchObject({ problem: expect.stringMatching(problem) as string });
    expect(JSON.stringify(read)).not.toMatch(/MII|PRIVATE KEY/);
  });

  it("is made readable by the commands that messages name", () => {
    openssl.write("trusted.pem", openssl.run("x509 -in one.pem -trustout -addtrust serverAuth"));
    openssl.write("label.pem", one.replaceAll("CERTIFICATE", "X509 CERTIFICATE"));
    openssl.write("both.pem", rsa + one);
    openssl.write("pkcs7.pem", openssl.run("crl2pkcs7 -nocrl -certfile one.pem"));
    openssl.run("x509 -in one.pem -outform DER -out one.der");
    for (const command of [
      "x509 -in trusted.pem",
      "x509 -in label.pem",
      "x509 -in both.pem",
      "pkcs7 -print_certs -in pkcs7.pem",
      "x509 -inform DER -in one.der",
    ]) {
      expect(readCertificates(openssl.run(command)), command).toMatchObject({ pem: one });
    }
  });

  it("that istiod reads itself has to begin where Go looks", () => {
    expect(readAsGo(openssl.run("x509 -in one.pem -text") + other)).toMatchObject({ pem: one + other });
    for (const text of [bom + one + other, one + other.replaceAll(/^/gm, " "), one.trimEnd() + other]) {
      expect(readAsGo(text)).toMatchObject({
        problem: expect.stringMatching(/2 certificates, of which istiod finds \d/) as string,
      });
    }
    expect(readAsGo(one + openssl.run("pkey -in one.key -pubout"))).toMatchObject({
      problem: "has a block PUBLIC KEY, which istiod or ztunnel refuses there",
    });
  });
});

describe("a private key", () => {
  it.each<[string, () => string]>([
    ["PKCS #8", () => rsa],
    ["PKCS #1", () => openssl.run("rsa -in one.key -traditional")],
    ["SEC 1", () => openssl.run("ec -in ec.params")],
  ])("as %s goes on as it is, since Go reads it", (_form, text) => {
    expect(readPrivateKey(text())).toMatchObject({ pem: text() });
    expect(readKeyAsGo(text())).toMatchObject({ pem: text() });
  });

  it.each<[string, () => string, () => string]>([
    ["parameters before it", () => openssl.read("ec.params"), () => ec],
    ["a byte order mark", () => bom + rsa, () => rsa],
    ["the certificate before it", () => one + rsa, () => rsa],
    ["the certificate behind it", () => rsa + one, () => rsa],
    ["Windows' line ends", () => rsa.replaceAll("\n", "\r\n"), () => rsa],
    ["all on one line", () => rsa.replaceAll("\n", " "), () => rsa],
    ["another form's label", () => rsa.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY"), () => rsa],
    [
      "the general label",
      () => openssl.run("rsa -in one.key -traditional").replaceAll("RSA PRIVATE", "PRIVATE"),
      () => rsa,
    ],
  ])("with %s becomes PKCS #8", (_what, text, expected) => {
    expect(readPrivateKey(text())).toMatchObject({ pem: expected() });
  });

  it.each<[string, () => string, RegExp]>([
    ["a passphrase", encrypted, /passphrase/],
    ["a passphrase of old", () => openssl.run("rsa -in one.key -traditional -aes128 -passout pass:abcd"), /passphrase/],
    ["a curve that Go lacks", () => key("EC -pkeyopt ec_paramgen_curve:secp256k1"), /secp256k1, which Go can't read/],
    ["a curve of its own", () => key("EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit"), /explicit/],
    ["RSA-PSS", () => key("RSA-PSS -pkeyopt rsa_keygen_bits:2048"), /RSA-PSS/],
    ["Ed448", () => key("ED448"), /Ed448/],
    ["512 bits", () => key("RSA -pkeyopt rsa_keygen_bits:512"), /RSA, 512 bits: Go refuses/],
    ["two of them", () => rsa + ec, /2 private keys/],
    ["damage", () => rsa.replace(/\n.*\n.*\n/, "\n"), /can't be decoded/],
    ["a public key alone", () => openssl.run("pkey -in one.key -pubout"), /not a PEM private key/],
  ])("with %s is refused without quoting", (_what, text, problem) => {
    for (const read of [readPrivateKey(text()), ...(problem.source.startsWith("2") ? [] : [readKeyAsGo(text())])]) {
      expect(read).toMatchObject({ problem: expect.stringMatching(problem) as string });
      expect(JSON.stringify(read)).not.toMatch(/MII|MC4/);
    }
  });

  it("that istiod reads itself is the first block, by its label", () => {
    expect(readKeyAsGo(openssl.read("ec.params"))).toMatchObject({
      problem: expect.stringMatching(/begins with a block EC PARAM/) as string,
    });
    expect(readKeyAsGo(one + rsa)).toMatchObject({
      problem: expect.stringMatching(/begins with a block CERTIFICATE/) as string,
    });
    expect(readKeyAsGo(bom + rsa)).toMatchObject({
      problem: expect.stringMatching(/not at the start of a line/) as string,
    });
    expect(readKeyAsGo(rsa.replaceAll("PRIVATE", "RSA PRIVATE"))).toMatchObject({
      problem: expect.stringMatching(/another form/) as string,
    });
    expect(readKeyAsGo(" \n")).toMatchObject({ problem: "is empty" });
  });

  it("is made readable by the commands that messages name", () => {
    openssl.write("label.key", openssl.run("rsa -in one.key -traditional").replaceAll("RSA PRIVATE", "PRIVATE"));
    openssl.write("encrypted.key", encrypted());
    for (const command of ["pkcs8 -topk8 -nocrypt -in label.key", "pkey -in encrypted.key -passin pass:abcd"]) {
      expect(readKeyAsGo(openssl.run(command)), command).toMatchObject({ pem: rsa });
    }
  });

  it("is that of a certificate, or of another", () => {
    const [certificate, foreign] = certificatesIn(one + other);
    expect([certificate, foreign].map((each) => each && isKeyOf(createPrivateKey(rsa), each))).toEqual([true, false]);
  });
});

it("finds blocks as Go does: a line that begins again, and an end of something else", () => {
  const [body] = /MII.*\n/.exec(one) ?? [""];
  expect(goBlocks(`-----BEGIN CERTIFICATE-----\n${body}${one}`)).toHaveLength(1);
  expect(goBlocks(`-----BEGIN A-----\nQUJD\n-----END B-----\n${one}`).map(({ label }) => label)).toEqual([
    "CERTIFICATE",
  ]);
});

const explicit = "ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit";

function encrypted(): string {
  return openssl.run("pkcs8 -topk8 -in one.key -passout pass:abcd");
}

function key(algorithm: string): string {
  return openssl.run(`genpkey -algorithm ${algorithm}`);
}

function selfSigned(algorithm: string): string {
  return openssl.run(`req -x509 -newkey ${algorithm} -nodes -keyout /dev/null -subj /CN=a`);
}
