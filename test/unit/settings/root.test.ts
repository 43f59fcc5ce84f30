import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { issuesOf, parse, settingsError, stack } from "./config";

const folder = mkdtempSync(join(tmpdir(), "flatmesh-root-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A self-signed certificate and its key, made by openssl. */
function certificate(name: string, days: number, ca: boolean) {
  const [key, out] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const constraint = `basicConstraints=critical,CA:${ca ? "TRUE" : "FALSE"}`;
  const made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", out];
  execFileSync(
    "openssl",
    ["req", "-x509", ...made, "-days", String(days), "-subj", `/CN=${name}`, "-addext", constraint],
    {
      stdio: "pipe",
    },
  );
  return { certificate: readFileSync(out, "utf8"), privateKey: readFileSync(key, "utf8") };
}

const root = certificate("root", 3650, true);
const other = certificate("other", 100, true);
const leaf = certificate("leaf", 100, false);

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

  it("has expired", () => {
    const { issues } = settingsError(stack({ root }), { now: new Date("2100-01-01") });
    expect(issues).toMatchObject([{ path: "root.certificate", problem: expect.stringContaining("expired") as string }]);
  });
});
