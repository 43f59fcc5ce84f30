import { execFileSync } from "node:child_process";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { keySize } from "../../../policy/rules/key-size";
import { lifetimes } from "../../../policy/rules/lifetimes";
import { pathLength } from "../../../policy/rules/path-length";
import { cacerts, certManager, intermediate, issue, key, root } from "./certificates";
import { against, unknown } from "./resources";

const signer = root("root");

/** A certificate of an authority, PEM. */
function certificate(algorithm: string, days: number): string {
  const args = [
    "req",
    "-x509",
    "-newkey",
    ...algorithm.split(" "),
    "-nodes",
    "-keyout",
    "/dev/null",
    "-days",
    String(days),
  ];
  return execFileSync("openssl", [...args, "-subj", "/CN=authority"], { encoding: "utf8", stdio: "pipe" });
}

describe("path-length", () => {
  it("holds for intermediates with 0 and roots with more or none, and what is no authority", () => {
    const leaf = intermediate("leaf", signer, { isCaCertificate: false, maxPathLength: null });
    const later = intermediate("later", signer, { maxPathLength: unknown });
    expect(
      against(pathLength, [signer, root("open", { maxPathLength: null }), intermediate("a", signer), leaf, later]),
    ).toEqual([]);
  });

  it.each([
    [1, "has path length 1"],
    [null, "has no path length"],
  ])("sees an intermediate with %s", (maxPathLength, message) => {
    expect(against(pathLength, [intermediate("a", signer, { maxPathLength })])).toEqual([
      expect.stringContaining(message),
    ]);
  });

  it("lets an authority between sign intermediates, and sees one that may not sign those below it", () => {
    const top = root("top", { maxPathLength: 2 });
    const between = intermediate("between", top, { maxPathLength: 1 });
    const tiers = [between, intermediate("a", between)];
    expect(against(pathLength, [top, ...tiers])).toEqual([]);
    expect(against(pathLength, [{ ...top, inputs: { ...top.inputs, maxPathLength: 1 } }, ...tiers])).toEqual([
      expect.stringMatching(/^Root top has path length 1, .* Set maxPathLength: 2/),
    ]);
    const closed = { ...between, inputs: { ...between.inputs, maxPathLength: 0 } };
    expect(against(pathLength, [top, closed, intermediate("a", closed)])).toEqual([
      expect.stringContaining("Intermediate between has path length 0"),
    ]);
  });

  it("leaves authorities of others alone where every cacerts says what it is made of", () => {
    const own = intermediate("own", signer);
    const other = intermediate("other", root("webhooks", { maxPathLength: 0 }), { maxPathLength: null });
    const files = { "ca-cert.pem": unknown };
    expect(against(pathLength, [signer, own, other, cacerts("a", files, [signer, own])])).toEqual([]);
    expect(against(pathLength, [signer, own, other])).toHaveLength(1);
    expect(
      against(pathLength, [signer, own, other, cacerts("a", files, [signer, own]), cacerts("b", files)]),
    ).toHaveLength(1);
  });

  it("reads what istiod is given, and what of its signers limits it", () => {
    const top = issue("top", "CA:TRUE");
    const limited = issue("limited", "CA:TRUE,pathlen:1");
    const given = (constraints: string, signer: typeof top) =>
      cacerts("a", { "ca-cert.pem": issue("a", constraints, signer).pem, "root-cert.pem": signer.pem });
    expect(against(pathLength, [given("CA:TRUE,pathlen:0", top), given("CA:TRUE", limited)])).toEqual([]);
    expect(against(pathLength, [cacerts("a", { "ca-cert.pem": top.pem, "root-cert.pem": top.pem })])).toEqual([]);
    expect(against(pathLength, [given("CA:TRUE", top), given("CA:TRUE,pathlen:1", top)])).toEqual([
      expect.stringContaining("istio-system/cacerts has no path length"),
      expect.stringContaining("istio-system/cacerts has path length 1"),
    ]);
  });

  it("sees a given root that can have no intermediates", () => {
    const closed = issue("closed", "CA:TRUE,pathlen:0");
    const files = { "ca-cert.pem": issue("a", "CA:TRUE,pathlen:0", closed).pem, "root-cert.pem": closed.pem };
    expect(against(pathLength, [cacerts("a", files)])).toEqual([
      expect.stringMatching(
        /^CN=closed, above ca-cert.pem in Secret istio-system\/cacerts, allows no intermediate below it/,
      ),
    ]);
  });

  it("sees a root that can have no intermediates", () => {
    expect(against(pathLength, [root("closed", { maxPathLength: 0 })])).toEqual([
      expect.stringContaining("Root closed"),
    ]);
  });
});

describe("key-size", () => {
  it.each([
    ["of RSA", key("k", { algorithm: "RSA", rsaBits: 4096 })],
    ["of RSA by default", key("k", { algorithm: "RSA" })],
    ["on a curve", key("k", { algorithm: "ECDSA", ecdsaCurve: "P256" })],
    ["of Ed25519", key("k", { algorithm: "ED25519" })],
    ["not known yet", key("k", { algorithm: "RSA", rsaBits: unknown })],
    ["of cert-manager", certManager({ privateKey: { algorithm: "ECDSA", size: 256 } })],
    ["of cert-manager by default", certManager({})],
  ])("holds for a key %s", (_what, resource) => {
    expect(against(keySize, [resource])).toEqual([]);
  });

  it.each([
    [
      "of 1024 bits",
      key("k", { algorithm: "RSA", rsaBits: 1024 }),
      "Key k is an RSA key of 1024 bits; at least 2048 are required",
    ],
    ["on P224, as by default", key("k", { algorithm: "ECDSA" }), "Key k is on curve P224"],
    [
      "of cert-manager",
      certManager({ privateKey: { algorithm: "RSA", size: 1024 } }),
      "istio-system/istio-ca is an RSA key of 1024",
    ],
  ])("sees a key %s", (_what, resource, message) => {
    expect(against(keySize, [resource])).toEqual([expect.stringContaining(message)]);
  });

  it("reads the certificates that istiod is given", () => {
    const files = (algorithm: string) =>
      cacerts("a", { "ca-cert.pem": certificate(algorithm, 700), "root-cert.pem": unknown });
    expect(against(keySize, [files("ec -pkeyopt ec_paramgen_curve:prime256v1")])).toEqual([]);
    expect(against(keySize, [files("ec -pkeyopt ec_paramgen_curve:secp224r1")])).toHaveLength(1);
    expect(against(keySize, [files("rsa:1024")])).toEqual([
      expect.stringContaining("ca-cert.pem in Secret istio-system/cacerts"),
    ]);
    for (const [algorithm, name] of [
      ["ed25519", "Ed25519"],
      ["rsa-pss -pkeyopt rsa_keygen_bits:2048", "RSA-PSS (id-RSASSA-PSS)"],
    ] as const) {
      const roots = cacerts("a", { "root-cert.pem": certificate(algorithm, 700) });
      expect(against(keySize, [roots])).toEqual([
        expect.stringContaining(
          `The key of root-cert.pem in Secret istio-system/cacerts is of ${name}, which not every build`,
        ),
      ]);
    }
    const certManagers = cacerts("a", {
      "tls.crt": certificate("rsa:1024", 700),
      "ca.crt": certificate("ed25519", 700),
    });
    expect(against(keySize, [certManagers])).toEqual([
      expect.stringContaining("The key of tls.crt"),
      expect.stringContaining("The key of ca.crt"),
    ]);
    expect(
      against(keySize, [certManager({ privateKey: { algorithm: "Ed25519" }, secretName: "cacerts" })]),
    ).toHaveLength(1);
    expect(against(keySize, [files("ed25519")], { curves: ["P256", "Ed25519"] })).toEqual([]);
  });

  it("takes other bounds", () => {
    const resources = [
      key("k", { algorithm: "RSA", rsaBits: 2048 }),
      key("e", { algorithm: "ECDSA", ecdsaCurve: "P256" }),
    ];
    expect(against(keySize, resources, { minRsaBits: 3072, curves: ["P384"] })).toHaveLength(2);
  });
});

describe("lifetimes", () => {
  const hours = (days: number) => ({ validityPeriodHours: days * 24 });

  it("holds within the bounds, for leaves, and for what is not known yet", () => {
    const resources = [
      root("r", hours(3650)),
      intermediate("i", signer, hours(730)),
      intermediate("leaf", signer, { isCaCertificate: false, validityPeriodHours: 1 }),
      intermediate("later", signer, { validityPeriodHours: unknown }),
      certManager({ duration: "17520h", secretName: "cacerts" }),
      certManager({ secretName: "cacerts" }),
      // The root that it is signed by, and one that may become either.
      certManager({ duration: "87600h", secretName: "root" }),
      certManager({ duration: "87600h", secretName: unknown }),
    ];
    expect(against(lifetimes, resources)).toEqual([]);
  });

  it.each([
    [
      "a root of 20 years",
      root("r", hours(7300)),
      "Certificate r is valid for 7300 days; a root may be valid for 365 to 3653 days",
    ],
    ["a root of a month", root("r", hours(30)), "is valid for 30 days"],
    [
      "an intermediate of 10 years",
      intermediate("i", signer, hours(3650)),
      "an intermediate may be valid for 7 to 1096 days",
    ],
    ["an intermediate of an hour", intermediate("i", signer, { validityPeriodHours: 1 }), "is valid for 0 days"],
    [
      "cert-manager's of 10 years for istiod",
      certManager({ duration: "87600h", secretName: "cacerts" }),
      "an intermediate may be valid for 7 to 1096 days",
    ],
    [
      "cert-manager's of 20 years",
      certManager({ duration: "175200h", secretName: "root" }),
      "an authority may be valid for 7 to 3653",
    ],
    [
      "cert-manager's of 90 minutes",
      certManager({ duration: "1h30m0s" }),
      "istio-system/istio-ca is valid for 0.1 days",
    ],
  ])("sees %s", (_what, resource, message) => {
    expect(against(lifetimes, [resource])).toEqual([expect.stringContaining(message)]);
  });

  it("lets what signs intermediates live longer than they do", () => {
    const between = intermediate("between", signer, hours(1826));
    expect(against(lifetimes, [signer, between, intermediate("a", between)])).toEqual([]);
    expect(against(lifetimes, [signer, between])).toHaveLength(1);
  });

  it("reads the certificates that istiod is given", () => {
    const given = (own: number, top: number) =>
      cacerts("a", { "ca-cert.pem": certificate("rsa:2048", own), "root-cert.pem": certificate("rsa:2048", top) });
    expect(against(lifetimes, [given(700, 3650)])).toEqual([]);
    expect(against(lifetimes, [given(3650, 7300)])).toHaveLength(2);
  });

  it("sees given certificates that have ended, or have not begun", () => {
    const given = cacerts("a", { "tls.crt": certificate("rsa:2048", 700), "ca.crt": certificate("rsa:2048", 3650) });
    vi.useFakeTimers({ now: Date.now() + 800 * 86_400_000, toFake: ["Date"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    expect(against(lifetimes, [given])).toEqual([
      expect.stringMatching(/^tls.crt in Secret istio-system\/cacerts expired on /),
    ]);
    vi.setSystemTime(Date.now() - 900 * 86_400_000);
    expect(against(lifetimes, [given])).toEqual([
      expect.stringMatching(/^tls.crt in .* is not valid before /),
      expect.stringMatching(/^ca.crt in .* is not valid before /),
    ]);
  });

  it("takes other bounds", () => {
    expect(against(lifetimes, [intermediate("i", signer, hours(730))], { maxIntermediateDays: 365 })).toHaveLength(1);
  });
});
