import { describe, expect, it } from "vitest";
import { oneRoot as rule } from "../../../policy/rules/one-root";
import { authorityKey, rootCertificate } from "../components/peering/certificates";
import { cacerts, intermediate, issue, root } from "./certificates";
import { against, unknown } from "./resources";

describe("one-root", () => {
  const [first, second] = [root("first"), root("second")];

  it("holds before anything is made, by what depends on what", () => {
    const clusters = [intermediate("a", first), intermediate("b", first)];
    const unread = { "root-cert.pem": unknown };
    expect(against(rule, [first, ...clusters, cacerts("a", unread, [first]), cacerts("b", unread, [first])])).toEqual(
      [],
    );
    // A second one that signs nobody of the mesh is of no concern.
    expect(against(rule, [first, second, ...clusters])).toEqual([]);
  });

  it("sees intermediates of two roots, also with an authority between", () => {
    const message = "Intermediate b is signed by a different authority than a";
    expect(against(rule, [first, second, intermediate("a", first), intermediate("b", second)])).toEqual([
      expect.stringContaining(message),
    ]);
    const between = intermediate("between", first);
    expect(against(rule, [first, second, between, intermediate("b", between)])).toEqual([]);
  });

  it("leaves authorities of others alone, by what cacerts is made of or has", () => {
    const [a, b, other] = [intermediate("a", first), intermediate("b", first), intermediate("webhook", second)];
    const files = { "ca-cert.pem": unknown };
    const all = [first, second, a, b, other];
    expect(against(rule, [...all, cacerts("a", files, [first, a]), cacerts("b", files, [first, b])])).toEqual([]);
    const pem = rootCertificate(authorityKey());
    const made = { ...a, outputs: { certPem: pem } };
    expect(against(rule, [first, second, other, made, cacerts("a", { "ca-cert.pem": pem })])).toEqual([]);
    expect(against(rule, [...all, cacerts("a", files, [first, a]), cacerts("b", files, [second, other])])).not.toEqual(
      [],
    );
  });

  it("sees Secrets of two roots", () => {
    const unread = { "root-cert.pem": unknown };
    expect(against(rule, [first, second, cacerts("a", unread, [first]), cacerts("b", unread, [second])])).toEqual([
      expect.stringContaining("Secret istio-system/cacerts (b-cacerts) trusts a different root than"),
    ]);
  });

  it("compares certificates that were given, two of them in any order while one replaces the other", () => {
    const [one, two] = [rootCertificate(authorityKey()), rootCertificate(authorityKey())];
    const given = (cluster: string, pem: string) => cacerts(cluster, { "root-cert.pem": pem });
    expect(against(rule, [given("a", one), given("b", one)])).toEqual([]);
    expect(against(rule, [given("a", one + two), given("b", two + one)])).toEqual([]);
    expect(against(rule, [given("a", one), given("b", two)])).toHaveLength(1);
    const signed = (name: string, caCertPem: string) => intermediate(name, undefined, { caCertPem });
    expect(against(rule, [signed("a", one), signed("b", one)])).toEqual([]);
    expect(against(rule, [signed("a", one), signed("b", two)])).toHaveLength(1);
    // One that was given, and one that is not made yet, may be the same.
    expect(against(rule, [first, intermediate("a", first), signed("b", two)])).toEqual([]);
  });

  it("sees an authority that does not lead to the root beside it, or is none", () => {
    const [top, other] = [issue("top", "CA:TRUE"), issue("top", "CA:TRUE")];
    const between = issue("between", "CA:TRUE", top);
    const own = issue("own", "CA:TRUE", between);
    const given = (files: object) => against(rule, [cacerts("a", { ...files })]);
    const chain = { "cert-chain.pem": own.pem + between.pem };
    expect(given({ "ca-cert.pem": own.pem, "root-cert.pem": other.pem + top.pem, ...chain })).toEqual([]);
    const broken = [expect.stringContaining("(a-cacerts) does not lead to root-cert.pem") as unknown];
    expect(given({ "ca-cert.pem": own.pem, "root-cert.pem": other.pem, ...chain })).toEqual(broken);
    expect(given({ "ca-cert.pem": own.pem, "root-cert.pem": top.pem })).toEqual(broken);
    expect(given({ "ca-cert.pem": issue("leaf", "CA:FALSE", top).pem, "root-cert.pem": top.pem })).toEqual([
      expect.stringContaining("is not the certificate of a CA"),
    ]);
  });

  it("reads cert-manager's names where both stand there, as istiod does", () => {
    const [top, other] = [issue("top", "CA:TRUE"), issue("other", "CA:TRUE")];
    const [own, foreign] = [issue("own", "CA:TRUE", top), issue("own", "CA:TRUE", other)];
    const istios = { "ca-cert.pem": own.pem, "root-cert.pem": top.pem, "cert-chain.pem": own.pem };
    const both = { ...istios, "tls.crt": foreign.pem, "ca.crt": top.pem };
    expect(against(rule, [cacerts("a", both)])).toEqual([
      expect.stringContaining("tls.crt in Secret istio-system/cacerts (a-cacerts) does not lead to ca.crt"),
    ]);
    expect(
      against(rule, [cacerts("a", istios), cacerts("b", { "tls.crt": foreign.pem, "ca.crt": other.pem })]),
    ).toEqual([expect.stringContaining("(b-cacerts) trusts a different root than")]);
  });

  it("sees what istiod would publish or can't read, without quoting it", () => {
    const top = issue("top", "CA:TRUE");
    const own = issue("own", "CA:TRUE", top);
    const given = (files: object) =>
      against(rule, [
        cacerts("a", { "ca-cert.pem": own.pem, "root-cert.pem": top.pem, "cert-chain.pem": own.pem, ...files }),
      ]);
    expect(given({})).toEqual([]);
    const messages = [
      given({ "root-cert.pem": top.pem + top.key }),
      given({ "cert-chain.pem": own.key + own.pem }),
      given({ "root-cert.pem": `\uFEFF${top.pem}` }),
    ];
    expect(messages).toEqual([
      [expect.stringContaining("root-cert.pem in Secret istio-system/cacerts (a-cacerts) has a private key beside")],
      [expect.stringContaining("cert-chain.pem in Secret istio-system/cacerts (a-cacerts) has a private key beside")],
      [expect.stringContaining("of which istiod finds 0")],
    ]);
    expect(JSON.stringify(messages)).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/);
  });
});
