import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExternalCacerts, judgeExternalCacerts } from "../../../../components/trust";
import { OpenSsl } from "../../../kwok/openssl";

const ca = "basicConstraints=critical,CA:TRUE";
let openssl: OpenSsl;
beforeAll(() => {
  openssl = new OpenSsl([
    ["ca.ext", `${ca}\nkeyUsage=critical,keyCertSign\n`],
    ["leaf.ext", "basicConstraints=critical,CA:FALSE\n"],
    ["mute.ext", `${ca}\nkeyUsage=critical,cRLSign\n`],
    ["closed.ext", `${ca},pathlen:0\n`],
    ["plain.cnf", "[req]\ndistinguished_name=dn\n[dn]\n"],
  ]);
  const root = (name: string, options: string) =>
    openssl.run(
      `req -config plain.cnf -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key -out ${name}.pem -subj /CN=${name} ${options}`,
    );
  root("one", `-addext ${ca} -days 30`);
  root("two", `-addext ${ca} -days 30`);
  root("short", `-addext ${ca},pathlen:0 -days 30`);
  root("past", `-addext ${ca} -days 1`);
  ["a", "b"].forEach((name) => {
    sign(name, "one");
  });
  sign("c", "two");
  // A root, an authority below it, and the cluster's below that.
  sign("policy", "one");
  sign("d", "policy");
  sign("closed", "one", "closed");
  sign("e", "closed");
  sign("old", "one", "ca", 0);
  sign("leaf", "one", "leaf");
  sign("mute", "one", "mute");
  sign("ofShort", "short");
  sign("ofPast", "past");
});
afterAll(() => {
  openssl.close();
});

function sign(name: string, authority: string, kind = "ca", days = 20): void {
  openssl.run(
    `req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`,
  );
  openssl.run(
    `x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key -CAcreateserial -extfile ${kind}.ext -days ${String(days)} ` +
      `-out ${name}.pem`,
  );
}

const pem = (...names: string[]) => names.map((name) => openssl.run(`x509 -in ${name}.pem`)).join("");
const key = (name: string) => openssl.run(`pkey -in ${name}.key`);

type Files = Record<string, string>;

const istios = (own: string, root: string, between: readonly string[] = []): Files => ({
  "ca-cert.pem": pem(own),
  "ca-key.pem": key(own),
  "cert-chain.pem": pem(own, ...between, root),
  "root-cert.pem": pem(root),
});
const certManagers = (own: string, root: string, between: readonly string[] = []): Files => ({
  "tls.crt": pem(own, ...between),
  "tls.key": key(own),
  "ca.crt": pem(root),
});
const problemsOf = (...all: (Files | undefined)[]) =>
  judgeExternalCacerts(all.map((files, index): ExternalCacerts => ({ cluster: "xyz".charAt(index), files }))).problems;

describe("certificates that somebody else keeps", () => {
  it("are of one root, under Istio's names or cert-manager's, whatever stands between", () => {
    const kept: ExternalCacerts[] = [
      { cluster: "a", files: istios("a", "one") },
      { cluster: "b", files: certManagers("b", "one") },
      { cluster: "d", files: certManagers("d", "one", ["policy"]) },
    ];
    expect(judgeExternalCacerts(kept)).toEqual({ rootCertificate: pem("one"), problems: [], warnings: [] });
    expect(judgeExternalCacerts([])).toEqual({ problems: [], warnings: [] });
    expect(problemsOf(istios("d", "one", ["policy"]))).toEqual([]);
  });

  it("may have the root itself sign", () => {
    expect(problemsOf(istios("short", "short"))).toEqual([]);
    expect(problemsOf({ ...istios("one", "one"), "cert-chain.pem": pem("one") })).toEqual([]);
  });

  it("may trust two roots, while one replaces the other", () => {
    const both = { "root-cert.pem": pem("one", "two") };
    expect(problemsOf({ ...istios("a", "one"), ...both }, { ...istios("c", "two"), ...both })).toEqual([]);
  });

  it("are taken by cert-manager's names where both stand there, as istiod takes them", () => {
    const both = { ...istios("a", "one"), ...certManagers("c", "two") };
    expect(judgeExternalCacerts([{ cluster: "x", files: both }])).toMatchObject({ rootCertificate: pem("two") });
    const half = { ...istios("a", "one"), "tls.crt": pem("c") };
    expect(problemsOf(half)).toEqual([
      "cluster x: Secret istio-system/cacerts lacks tls.key, ca.crt. istiod takes a Secret that has tls.crt for one of cert-manager's: have " +
        "whoever manages it add tls.crt, tls.key, ca.crt, or take tls.crt out.",
    ]);
  });

  it("of two roots are refused, both ways", () => {
    const problems = ["x", "y"].map(
      (cluster) =>
        `cluster ${cluster}: its intermediate certificate does not chain to the root that cluster ${cluster === "x" ? "y" : "x"} ` +
        "trusts, so no call between them would be accepted. Have one root sign the intermediates of all clusters.",
    );
    expect(problemsOf(istios("a", "one"), istios("c", "two"))).toEqual(problems);
  });

  it("of one key in two clusters are refused, whatever their names", () => {
    expect(problemsOf(istios("a", "one"), istios("b", "one"), certManagers("a", "one"))).toEqual([
      expect.stringMatching(/^clusters x, z: ca-cert\.pem and tls\.crt in Secret .* has the same key in each/),
    ]);
  });

  it.each<[string, () => Files | undefined, RegExp]>([
    ["are not there", () => undefined, /Secret istio-system\/cacerts does not exist\. Have it created before/],
    [
      "are not in it",
      () => ({}),
      /lacks ca-cert.pem, ca-key.pem, cert-chain.pem, root-cert.pem\. istiod does not start/,
    ],
    ["lack the key", () => without("ca-key.pem"), /cacerts lacks ca-key.pem\./],
    ["lack the chain", () => without("cert-chain.pem"), /cacerts lacks cert-chain.pem\./],
    ["lack the root", () => without("root-cert.pem"), /cacerts lacks root-cert.pem\./],
    ["have an empty key", () => also("ca-key.pem", ""), /ca-key.pem in Secret .* is empty/],
    ["have an encrypted key", () => also("ca-key.pem", encrypted()), /ca-key.pem in .* is protected by a passphrase/],
    [
      "have a key behind parameters",
      () => also("ca-key.pem", parameters()),
      /ca-key.pem in .* begins with a block EC PARAMETERS/,
    ],
    [
      "have another cluster's key",
      () => also("ca-key.pem", key("b")),
      /ca-key.pem in .* is not the key of ca-cert.pem/,
    ],
    ["have an empty chain", () => also("cert-chain.pem", ""), /cert-chain.pem in .* is not a PEM certificate/],
    [
      "have a chain of another",
      () => also("cert-chain.pem", pem("b", "one")),
      /cert-chain.pem in .* does not have the certificate in ca-cert/,
    ],
    [
      "have a chain with a gap",
      () => istios("d", "one"),
      /ca-cert.pem in .* does not chain to the root .* over what is in cert-chain.pem/,
    ],
    [
      "can't be read",
      () => also("ca-cert.pem", damaged),
      /ca-cert.pem in .* is not a readable certificate\. Have whoever manages it put/,
    ],
    [
      "have a key beside the root",
      () => also("root-cert.pem", pem("one") + key("one")),
      /root-cert.pem in .* has a private key beside/,
    ],
    [
      "have a key in the chain",
      () => also("cert-chain.pem", key("a") + pem("a")),
      /cert-chain.pem in .* has a private key beside/,
    ],
    [
      "have a byte order mark",
      () => also("root-cert.pem", `\uFEFF${pem("one")}`),
      /root-cert.pem in .* of which istiod finds 0/,
    ],
    [
      "are of another root",
      () => certManagers("a", "two"),
      /tls.crt in .* does not chain to the root in the same Secret \(ca.crt\)\./,
    ],
    ["have ended", () => istios("old", "one"), /ca-cert.pem in .* expired on/],
    ["are no authority's", () => istios("leaf", "one"), /ca-cert.pem in .* is not the certificate of a CA/],
    ["may not sign", () => istios("mute", "one"), /ca-cert.pem in .* its key usage lacks keyCertSign/],
    [
      "have a root without room",
      () => istios("ofShort", "short"),
      /root-cert.pem in .* \(CN=short\) that allows no intermediate below it/,
    ],
    [
      "have no room between",
      () => istios("e", "one", ["closed"]),
      /cert-chain.pem in .* \(CN=closed\) that allows no intermediate/,
    ],
  ])("that %s are named, with what to do", (_, files, message) => {
    const now = new Date(Date.now() + 3_600_000);
    const judged = judgeExternalCacerts([{ cluster: "x", files: files() }], now);
    expect(judged.problems).toEqual([expect.stringMatching(message)]);
    expect(judged).not.toHaveProperty("rootCertificate");
    expect(judged.problems[0]).toMatch(/^cluster x: .*[Hh]ave /);
    expect(judged.problems[0]).not.toMatch(/MII|BEGIN (RSA |EC )?PRIVATE/);
  });

  it("are refused before their root begins, and after it has ended", () => {
    const files = istios("ofPast", "past");
    const at = (days: number) =>
      judgeExternalCacerts([{ cluster: "x", files }], new Date(Date.now() + days * 86_400_000)).problems;
    expect(at(0)).toEqual([]);
    expect(at(2)).toEqual([expect.stringMatching(/root-cert.pem in .* \(CN=past\) that expired on/)]);
    expect(at(-2)).toHaveLength(2);
    expect(at(-2)[1]).toMatch(/root-cert.pem in .* \(CN=past\) that is not valid before/);
  });

  it("go on as the certificates alone", () => {
    const text = openssl.run("x509 -in one.pem -text");
    const files = { ...istios("a", "one"), "root-cert.pem": text };
    expect(judgeExternalCacerts([{ cluster: "x", files }])).toMatchObject({
      rootCertificate: pem("one"),
      problems: [],
    });
  });

  it("of Ed25519 are warned of", () => {
    openssl.run(
      `req -config plain.cnf -x509 -newkey ed25519 -nodes -keyout ed.key -out ed.pem -subj /CN=ed -addext ${ca}`,
    );
    sign("ofEd", "ed");
    expect(judgeExternalCacerts([{ cluster: "x", files: istios("ofEd", "ed") }])).toEqual({
      rootCertificate: pem("ed"),
      problems: [],
      warnings: [expect.stringMatching(/^cluster x: root-cert.pem in .* has a key of Ed25519, .* no FIPS build/)],
    });
  });
});

const damaged = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";

function without(file: string): Files {
  return Object.fromEntries(Object.entries(istios("a", "one")).filter(([name]) => name !== file));
}

function also(file: string, text: string): Files {
  return { ...istios("a", "one"), [file]: text };
}

function encrypted(): string {
  return openssl.run("pkcs8 -topk8 -in a.key -passout pass:abcd");
}

function parameters(): string {
  return openssl.run("ecparam -name prime256v1 -genkey");
}
