import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorityFaults, cacertsNames, certificatesIn, chainOf, isSelfSigned, keyLimit } from "../../../certificates";
import { OpenSsl } from "../../kwok/openssl";

let openssl: OpenSsl;
beforeAll(() => {
  openssl = new OpenSsl([]);
  openssl.run("req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.pem -days 30 -subj /CN=root");
});
afterAll(() => {
  openssl.close();
});

/** A certificate of the key root.key, unless `options` make another. */
function certificate(options: string, extensions: readonly string[] = ["basicConstraints=critical,CA:TRUE"]) {
  const added = extensions.map((one) => `-addext ${one}`).join(" ");
  const key = options.includes("-newkey") ? "-nodes -keyout /dev/null" : "-key root.key";
  openssl.write("plain.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
  const [made] = certificatesIn(
    openssl.run(`req -config plain.cnf -x509 ${key} -subj /CN=a ${options} ${added}`.replaceAll(/ +/g, " ").trim()),
  );
  if (made === undefined) {
    throw new Error("no certificate");
  }
  return made;
}

const ca = "basicConstraints=critical,CA:TRUE";
const day = 86_400_000;

describe("what keeps a certificate from being an authority", () => {
  it.each<[string, string, readonly string[]]>([
    ["a CA without key usage", "-days 30", [ca]],
    ["one that may sign", "-days 30", [ca, "keyUsage=critical,keyCertSign"]],
    ["one for TLS", "-days 30", [ca, "extendedKeyUsage=serverAuth,clientAuth"]],
    ["one with room below it", "-days 30", [`${ca},pathlen:1`]],
    ["one with constraints on names", "-days 30", [ca, "nameConstraints=critical,permitted;DNS:.local"]],
    ["a root that signed itself with SHA-1", "-days 30 -sha1", [ca]],
    ["P-384", "-newkey ec -pkeyopt ec_paramgen_curve:P-384", [ca]],
    ["P-521", "-newkey ec -pkeyopt ec_paramgen_curve:P-521", [ca]],
    ["Ed25519", "-newkey ed25519", [ca]],
  ])("is nothing with %s", (_what, options, extensions) => {
    expect(authorityFaults(certificate(options, extensions), { below: 1, now: new Date() })).toEqual([]);
  });

  it.each<[string, string, readonly string[], RegExp]>([
    ["authority", "", ["basicConstraints=critical,CA:FALSE"], /not the certificate of a CA \(no CA:TRUE\)/],
    ["authority", "", ["subjectKeyIdentifier=hash"], /not the certificate of a CA/],
    ["usage", "", [ca, "keyUsage=critical,digitalSignature,cRLSign"], /key usage lacks keyCertSign/],
    ["usage", "", [ca, "extendedKeyUsage=codeSigning"], /lacks serverAuth or clientAuth/],
    ["usage", "", [ca, "extendedKeyUsage=serverAuth"], /lacks serverAuth or clientAuth/],
    ["path length", "", [`${ca},pathlen:0`], /path length 0/],
    ["extension", "", [ca, "1.2.3.4=critical,ASN1:NULL"], /critical extension 1\.2\.3\.4/],
    ["key", "-newkey rsa:1024", [ca], /RSA, 1024 bits: ztunnel verifies 2048 to 8192/],
    ["key", "-newkey rsa:512", [ca], /RSA, 512 bits: Go refuses/],
    ["key", "-newkey ec -pkeyopt ec_paramgen_curve:secp224r1", [ca], /P-224, which ztunnel does not verify/],
    ["key", "-newkey rsa-pss -pkeyopt rsa_keygen_bits:2048", [ca], /RSA-PSS/],
    ["key", "-newkey ed448", [ca], /Ed448/],
  ])("is its %s %#", (kind, options, extensions, problem) => {
    const faults = authorityFaults(certificate(options, extensions), { below: 1, now: new Date() });
    expect(faults).toEqual([
      { kind, problem: expect.stringMatching(problem) as string, wanted: expect.any(String) as string },
    ]);
  });

  it("is all that is wrong with it", () => {
    const kinds = authorityFaults(certificate("-newkey rsa:1024", [`${ca},pathlen:0`, "keyUsage=critical,cRLSign"]), {
      below: 1,
      now: new Date("2100-01-01"),
    }).map(({ kind }) => kind);
    expect(kinds).toEqual(["usage", "path length", "key", "expired"]);
  });

  it("is the depth that is there, not one that might be", () => {
    const closed = certificate("", [`${ca},pathlen:0`]);
    expect(authorityFaults(closed, { below: 0 })).toEqual([]);
    expect(authorityFaults(certificate("", [`${ca},pathlen:1`]), { below: 2 })).toMatchObject([
      { kind: "path length" },
    ]);
  });

  it("is its time, with minutes for clocks that differ", () => {
    const own = certificate("-days 30");
    const [from, to] = [Date.parse(own.validFrom), Date.parse(own.validTo)];
    const kinds = (time: number) => authorityFaults(own, { below: 0, now: new Date(time) }).map(({ kind }) => kind);
    expect([from - 4 * 60_000, from, to - 1].flatMap(kinds)).toEqual([]);
    expect([from - 6 * 60_000, from - day, to, to + day].map(kinds)).toEqual([
      ["not yet valid"],
      ["not yet valid"],
      ["expired"],
      ["expired"],
    ]);
    expect(authorityFaults(own, { below: 0 })).toEqual([]);
  });

  it.each(["sha1", "md5"])("is a signature of another with %s", (digest) => {
    openssl.write("ca.ext", `${ca}\n`);
    openssl.run("req -new -key root.key -out below.csr -subj /CN=below");
    const signed = openssl.run(
      `x509 -req -in below.csr -CA root.pem -CAkey root.key -CAcreateserial -extfile ca.ext -${digest}`,
    );
    const [below] = certificatesIn(signed);
    expect(below && authorityFaults(below, { below: 0 })).toMatchObject([{ kind: "signature" }]);
  });
});

it("is told where Ed25519 does not work", () => {
  expect(keyLimit(certificate("-newkey ed25519").publicKey)).toMatch(/no FIPS build/);
  expect(keyLimit(certificate("").publicKey)).toBeUndefined();
});

it("leads over what stands between, in any order, and ends where it leads nowhere", () => {
  openssl.write("ca.ext", `${ca}\n`);
  const sign = (name: string, by: string) => {
    openssl.run(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
    const made = openssl.run(
      `x509 -req -in ${name}.csr -CA ${by}.pem -CAkey ${by}.key -CAcreateserial -extfile ca.ext -days 30`,
    );
    openssl.write(`${name}.pem`, made);
    return made;
  };
  const [root, middle, low] = [openssl.run("x509 -in root.pem"), sign("middle", "root"), sign("low", "middle")].flatMap(
    (pem) => certificatesIn(pem),
  );
  if (!root || !middle || !low) {
    throw new Error("no certificate");
  }
  expect(chainOf(low, [root, low, middle], [root])).toEqual([middle, root]);
  expect(chainOf(root, [], [root])).toEqual([]);
  expect(chainOf(low, [low], [root])).toBeUndefined();
  expect([root, middle].map(isSelfSigned)).toEqual([true, false]);
});

it("takes cert-manager's names as soon as tls.crt is there, as istiod does", () => {
  expect(cacertsNames({ "ca-cert.pem": "", "tls.crt": "" })).toMatchObject({ certificate: "tls.crt", roots: "ca.crt" });
  expect(cacertsNames({ "tls.key": "", "ca.crt": "" })).toMatchObject({ certificate: "ca-cert.pem" });
});
