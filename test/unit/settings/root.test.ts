import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { issuesOf, parse, settingsError, stack } from "./config";

const folder = mkdtempSync(join(tmpdir(), "flatmesh-root-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function openssl(...args: readonly string[]): string {
  return execFileSync("openssl", args, { cwd: folder, encoding: "utf8", stdio: "pipe" });
}

const p256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** A self-signed certificate and its key, made by openssl. */
function certificate(
  name: string,
  days: number,
  constraints = "CA:TRUE",
  extensions: readonly string[] = [],
  key = p256,
) {
  const added = [`basicConstraints=critical,${constraints}`, ...extensions].flatMap((one) => ["-addext", one]);
  writeFileSync(join(folder, "plain.cnf"), "[req]\ndistinguished_name=dn\n[dn]\n");
  openssl(
    ...["req", "-config", "plain.cnf", "-x509", "-newkey", ...key, "-nodes", "-keyout", `${name}.key`],
    ...["-out", `${name}.pem`, "-days", String(days), "-subj", `/CN=${name}`, ...added],
  );
  const [pem, own] = ["pem", "key"].map((kind) => readFileSync(join(folder, `${name}.${kind}`), "utf8"));
  return { certificate: pem ?? "", privateKey: own ?? "" };
}

const root = certificate("root", 3650);
const other = certificate("other", 100);
const leaf = certificate("leaf", 100, "CA:FALSE");
const closed = certificate("closed", 3650, "CA:TRUE,pathlen:0");
const mute = certificate("mute", 3650, "CA:TRUE", ["keyUsage=critical,cRLSign"]);
const weak = certificate("weak", 3650, "CA:TRUE", [], ["rsa:1024"]);
const foreign = certificate("foreign", 3650, "CA:TRUE", [], ["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"]);

describe("the root", () => {
  it.each([
    [{ existing: true }, { source: "existing" }],
    [{ stack: "o/p/s" }, { source: "stack", stack: "o/p/s" }],
    [root, { source: "given", ...root, algorithm: "ECDSA", intermediateValidityDays: 730 }],
    [{ generate: { algorithm: "RSA" } }, { source: "generate", algorithm: "RSA", rootValidityDays: 3650 }],
  ])("%# has one of the allowed forms", (setting, expected) => {
    expect(parse({ root: setting }).root).toMatchObject(expected);
  });

  it("has one name and one signer, unless it says more", () => {
    expect(parse().root).toMatchObject({ trusted: ["first"], signing: "first", alsoTrusted: [] });
    expect(parse({ root: { generate: {}, trusted: [2027] } }).root).toMatchObject({ signing: "2027" });
    const both = { generate: {}, trusted: ["first", 2027], signing: 2027, reissue: 3, unverified: 2027 };
    expect(parse({ root: both }).root).toMatchObject({
      trusted: ["first", "2027"],
      signing: "2027",
      reissue: "3",
      unverified: "2027",
    });
    expect(parse({ root: { ...root, alsoTrusted: [other.certificate], reissue: "a" } }).root).toMatchObject({
      alsoTrusted: [other.certificate],
      reissue: "a",
    });
  });

  it("shortens the lifetimes that are left out to those that are given", () => {
    expect(parse({ root: { generate: { rootValidityDays: 40 } } }).root).toMatchObject({
      rootRenewBeforeDays: 10,
      intermediateValidityDays: 40,
      renewBeforeDays: 10,
    });
  });

  it.each<[object, string, RegExp]>([
    [{}, "root", /any allowed form/],
    [{ generate: {}, stack: "o/p/s" }, "root.stack", /generated root/],
    [{ existing: true, generate: {} }, "root.existing", /generated root/],
    [{ existing: false }, "root.existing", /not an allowed value/],
    [{ certificate: root.certificate }, "root.privateKey", /missing/],
    [{ ...root, certificate: leaf.certificate, privateKey: leaf.privateKey }, "root.certificate", /CA/],
    [{ ...root, certificate: root.certificate + other.certificate }, "root.certificate", /2 certificates/],
    [{ ...root, certificate: closed.certificate, privateKey: closed.privateKey }, "root.certificate", /path length 0/],
    [{ ...root, certificate: mute.certificate, privateKey: mute.privateKey }, "root.certificate", /lacks keyCertSign/],
    [{ ...root, certificate: weak.certificate, privateKey: weak.privateKey }, "root.certificate", /RSA, 1024 bits/],
    [{ ...root, certificate: foreign.certificate }, "root.certificate", /secp256k1, which Go can't read/],
    [{ ...root, privateKey: foreign.privateKey }, "root.privateKey", /secp256k1, which Go can't read/],
    [{ ...root, certificate: root.certificate + root.privateKey }, "root.certificate", /private key beside/],
    [{ ...root, certificate: root.privateKey }, "root.certificate", /is a private key/],
    [{ ...root, alsoTrusted: [other.privateKey + other.certificate] }, "root.alsoTrusted[0]", /private key beside/],
    [{ ...root, alsoTrusted: [closed.certificate] }, "root.alsoTrusted[0]", /path length 0/],
    [{ generate: {}, alsoTrusted: [closed.certificate] }, "root.alsoTrusted[0]", /path length 0/],
    [{ ...root, certificate: "x" }, "root.certificate", /not a PEM/],
    [{ ...root, certificate: root.certificate.replace(/M/g, "") }, "root.certificate", /readable/],
    [{ ...root, privateKey: other.privateKey }, "root.privateKey", /not the key/],
    [{ ...root, privateKey: "x" }, "root.privateKey", /not a PEM private key/],
    [{ ...root, privateKey: "-----BEGIN ENCRYPTED PRIVATE KEY-----" }, "root.privateKey", /passphrase/],
    [{ ...other, intermediateValidityDays: 101 }, "root.intermediateValidityDays", /100 days/],
    [{ generate: { rootValidityDays: 0 } }, "root.generate.rootValidityDays", /bounds/],
    [{ generate: { renewBeforeDays: 730 } }, "root.generate.renewBeforeDays", /every update would renew/],
    [{ generate: { rootRenewBeforeDays: 4000 } }, "root.generate.rootRenewBeforeDays", /3650/],
    [{ generate: { intermediateValidityDays: 4000 } }, "root.generate.intermediateValidityDays", /3650/],
    [{ ...root, renewBeforeDays: 800 }, "root.renewBeforeDays", /730/],
    [{ stack: "o/p/s", renewBeforeDays: 80 }, "root.renewBeforeDays", /another stack/],
    [{ generate: { issueFor: ["c", "a"] } }, "root.generate.issueFor[1]", /of this stack/],
    [{ ...root, issueFor: ["c", "c"] }, "root.issueFor[1]", /twice/],
    [{ stack: "s" }, "root.stack", /full name/],
    [{ generate: {}, trusted: [] }, "root.trusted", /0 entries/],
    [{ generate: {}, trusted: ["a", "b", "c"], signing: "a" }, "root.trusted", /3 entries/],
    [{ generate: {}, trusted: [2027, "2027"], signing: 2027 }, "root.trusted", /twice/],
    [{ generate: {}, trusted: ["a", "b"] }, "root.signing", /missing, since two/],
    [{ generate: {}, trusted: ["a", "b"], signing: "c" }, "root.signing", /not trusted/],
    [{ generate: {}, trusted: ["My root"] }, "root.trusted[0]", /not a valid name/],
    [{ generate: {}, trusted: ["intermediate"] }, "root.trusted[0]", /taken/],
    [
      { generate: {}, trusted: ["a", "b"], signing: "a", alsoTrusted: [other.certificate] },
      "root.alsoTrusted",
      /third root/,
    ],
    [{ ...root, alsoTrusted: [root.certificate] }, "root.alsoTrusted[0]", /the root that signs/],
    [{ ...root, alsoTrusted: [leaf.certificate] }, "root.alsoTrusted[0]", /CA/],
    [{ ...root, trusted: ["a"] }, "root.trusted", /given root/],
  ])("%# has an issue", (setting, path, problem) => {
    const issues = issuesOf({ root: setting });
    expect(issues.map(({ path }) => path)).toEqual([path]);
    expect(issues[0]?.problem).toMatch(problem);
  });

  it("shortens the lifetimes that are left out to that of a given root", () => {
    expect(parse({ root: other }).root).toMatchObject({ intermediateValidityDays: 100, renewBeforeDays: 25 });
    expect(parse({ root: { ...other, intermediateValidityDays: 40 } }).root).toMatchObject({
      intermediateValidityDays: 40,
      renewBeforeDays: 10,
    });
  });

  it("goes on as it was given, if it is plain, and else as the certificates and the key alone", () => {
    expect(parse({ root: { ...root, alsoTrusted: [other.certificate] } }).root).toMatchObject({
      ...root,
      alsoTrusted: [other.certificate],
    });
    const spoilt = (text: string) => `\uFEFFSubject: a root\r\n${text.replaceAll("\n", "\r\n")}`;
    const parameters = openssl("ecparam", "-name", "prime256v1");
    expect(
      parse({
        root: {
          certificate: spoilt(root.certificate),
          privateKey: parameters + openssl("ec", "-in", "root.key"),
          alsoTrusted: [spoilt(other.certificate)],
        },
      }).root,
    ).toMatchObject({ ...root, alsoTrusted: [other.certificate] });
    const withCertificate = { ...root, privateKey: root.certificate + root.privateKey };
    expect(parse({ root: withCertificate }).root).toMatchObject(root);
  });

  it.each<[string, object, string[], RegExp]>([
    ["2100-01-01", root, ["root.certificate"], /^expired on/],
    ["2000-01-01", root, ["root.certificate"], /^is not valid before/],
    [
      "2100-01-01",
      { ...root, alsoTrusted: [other.certificate] },
      ["root.alsoTrusted[0]", "root.certificate"],
      /^expired/,
    ],
    ["2000-01-01", { generate: {}, alsoTrusted: [other.certificate] }, ["root.alsoTrusted[0]"], /^is not valid before/],
  ])("is not valid on %s %#", (now, setting, paths, problem) => {
    const { issues } = settingsError(stack({ root: setting }), { now: new Date(now) });
    expect(issues.map(({ path }) => path).sort()).toEqual(paths);
    issues.forEach((issue) => {
      expect(issue.problem).toMatch(problem);
    });
  });

  it("has a key that FIPS builds verify, where those are asked for", () => {
    const ed25519 = certificate("ed25519", 3650, "CA:TRUE", [], ["ed25519"]);
    expect(parse({ root: ed25519 }).root).toMatchObject({ certificate: ed25519.certificate });
    for (const [setting, path] of [
      [ed25519, "root.certificate"],
      [{ ...root, alsoTrusted: [ed25519.certificate] }, "root.alsoTrusted[0]"],
    ] as const) {
      const issues = issuesOf({ root: setting, variant: "fips" });
      expect(issues.filter(({ path: at }) => at === path)).toMatchObject([
        { problem: expect.stringMatching(/Ed25519, .* no FIPS build of them does: variant asks for one/) as string },
      ]);
    }
    expect(
      issuesOf({ root: { ...root, reissue: "" }, variant: "fips" }).filter(({ path }) => /certif/.test(path)),
    ).toEqual([]);
  });

  it("is not quoted, whatever is wrong with it", () => {
    const settings = { root: { ...closed, alsoTrusted: [other.certificate + other.privateKey] } };
    expect(settingsError(stack(settings)).message).not.toMatch(/MII|MHc|BEGIN PRIVATE/);
  });
});
