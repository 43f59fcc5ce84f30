import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExternalCacerts, judgeExternalCacerts } from "../../../../components/trust";
import { OpenSsl } from "../../../kwok/openssl";

let openssl: OpenSsl;
beforeAll(() => {
  openssl = new OpenSsl([["ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"]]);
  for (const root of ["one", "two"]) {
    openssl.run(`req -x509 -newkey rsa:2048 -nodes -keyout ${root}.key -out ${root}.pem -days 30 -subj /CN=${root}`);
  }
  ["a", "b", "old"].forEach((name) => {
    sign(name, "one", name === "old" ? 0 : 20);
  });
  sign("c", "two");
  // A root, an authority below it, and the cluster's below that.
  sign("policy", "one");
  sign("d", "policy");
});
afterAll(() => {
  openssl.close();
});

function sign(name: string, authority: string, days = 20): void {
  openssl.run(`req -newkey rsa:2048 -nodes -keyout ${name}.key -out ${name}.csr -subj /CN=${name}`);
  openssl.run(
    `x509 -req -in ${name}.csr -CA ${authority}.pem -CAkey ${authority}.key -CAcreateserial -extfile ca.ext -days ${String(days)} ` +
      `-out ${name}.pem`,
  );
}

const pem = (...names: string[]) => names.map((name) => openssl.run(`x509 -in ${name}.pem`)).join("");
const istio = (cluster: string, own: string, root: string) => ({
  cluster,
  files: { "ca-cert.pem": own, "cert-chain.pem": own, "root-cert.pem": root },
});

describe("certificates that somebody else keeps", () => {
  it("are of one root, under Istio's names or cert-manager's, whatever stands between", () => {
    const kept: ExternalCacerts[] = [
      istio("a", pem("a"), pem("one")),
      { cluster: "b", files: { "tls.crt": pem("b"), "tls.key": "k", "ca.crt": pem("one") } },
      { cluster: "d", files: { "tls.crt": pem("d", "policy"), "ca.crt": pem("one") } },
    ];
    expect(judgeExternalCacerts(kept)).toEqual({ rootCertificate: pem("one"), problems: [] });
    expect(judgeExternalCacerts([])).toEqual({ problems: [] });
  });

  it("may trust two roots, while one replaces the other", () => {
    const kept = [istio("a", pem("a"), pem("one", "two")), istio("c", pem("c"), pem("one", "two"))];
    expect(judgeExternalCacerts(kept).problems).toEqual([]);
  });

  it("of two roots are refused, both ways", () => {
    const problems = ["a", "c"].map(
      (cluster) =>
        `cluster ${cluster}: its intermediate certificate does not chain to the root that cluster ${cluster === "a" ? "c" : "a"} ` +
        "trusts, so no call between them would be accepted. Have one root sign the intermediates of all clusters.",
    );
    expect(judgeExternalCacerts([istio("a", pem("a"), pem("one")), istio("c", pem("c"), pem("two"))])).toEqual({
      problems,
    });
  });

  it.each([
    ["are not there", undefined, /Secret istio-system\/cacerts does not exist\. Have it created before/],
    ["are not in it", {}, /has no certificate and root/],
    ["lack the root", { "ca-cert.pem": "a" }, /has no certificate and root/],
    [
      "can't be read",
      { "ca-cert.pem": "broken", "root-cert.pem": "one" },
      /can't be read\. Have whoever manages it replace/,
    ],
    [
      "are of another root than the one beside them",
      { "tls.crt": "a", "ca.crt": "two" },
      /does not chain to the root in the same Secret/,
    ],
    ["have ended", { "tls.crt": "old", "ca.crt": "one" }, /expired on \d{4}-\d\d-\d\d: have it renewed/],
  ])("that %s are named", (_, files, message) => {
    const broken = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n";
    const texts = files && Object.entries(files).map(([key, name]) => [key, name === "broken" ? broken : pem(name)]);
    const kept = { cluster: "z", files: texts && (Object.fromEntries(texts) as Record<string, string>) };
    const later = new Date(Date.now() + 24 * 3600 * 1000);
    expect(judgeExternalCacerts([kept, istio("a", pem("a"), pem("one"))], later).problems[0]).toMatch(message);
    expect(judgeExternalCacerts([kept], later)).not.toHaveProperty("rootCertificate");
  });
});
