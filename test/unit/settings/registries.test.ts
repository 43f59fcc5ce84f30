import { describe, expect, it } from "vitest";
import { certify } from "../../support/authorities";
import { issuesOf, linesOf, parse } from "./config";

const digest = `sha256:${"a".repeat(64)}`;
const login = { username: "robot", password: "t0p-s3cret" };
const charts = "oci://registry.example.com/charts";

describe("the registry of charts", () => {
  it("may have a login, and an authority: its certificate, or a path", async () => {
    expect(parse({ charts, chartRegistry: login }).chartRegistry).toEqual(login);
    const { pem } = await certify("a company");
    for (const ca of [pem, "company-ca.pem", "/etc/ssl/company ca.pem"]) {
      expect(parse({ charts, chartRegistry: { ...login, ca } }).chartRegistry).toEqual({ ...login, ca });
    }
  });

  it.each([
    [{ username: "robot" }, /^chartRegistry\.password: is missing beside username → set it/],
    [{ password: "x" }, /^chartRegistry\.username: is missing beside password/],
    [{ ca: "ca.pem" }, /^chartRegistry\.ca: is given without username and password, .* → .*SSL_CERT_FILE/],
    [{ ...login, ca: "-----BEGIN CERTIFICATE-----\nhello" }, /^chartRegistry\.ca: .* → give /],
    [{ ...login, ca: "https://ca.example.com" }, /^chartRegistry\.ca: is neither a certificate nor a path/],
    [{ ...login, username: "robot:x" }, /^chartRegistry\.username: is not a user name/],
    [{ ...login, password: "t0p-s3cret\n" }, /^chartRegistry\.password: has a (space or )?line break/],
    [{ ...login, token: "t0p-s3cret" }, /^chartRegistry\.token: /],
  ])("is not %j", (chartRegistry, line) => {
    expect(linesOf({ charts, chartRegistry })).toEqual([expect.stringMatching(line)]);
    expect(JSON.stringify(issuesOf({ charts, chartRegistry }))).not.toContain("t0p-s3cret");
  });

  it("is none where charts is a folder", () => {
    expect(linesOf({ charts: "./packages", chartRegistry: login })).toEqual([
      "chartRegistry: is given, and charts is a folder → remove it, or write an OCI registry: charts: oci://HOST/PATH",
    ]);
  });
});

describe("digests of images", () => {
  it("may be given for some of them", () => {
    expect(parse({ imageDigests: { pilot: digest, "install-cni": digest } }).imageDigests).toEqual({
      pilot: digest,
      "install-cni": digest,
    });
  });

  it.each([
    [{ pilot: "a".repeat(64) }, /^imageDigests\.pilot: is not a digest of an image → write sha256: /],
    [{ ztunnel: "sha256:abc" }, /^imageDigests\.ztunnel: is not a digest/],
    [{ proxy: digest }, /^imageDigests\.proxy: /],
  ])("are not %j", (imageDigests, line) => {
    expect(linesOf({ imageDigests })).toEqual([expect.stringMatching(line)]);
  });
});

describe("Secrets that images are pulled with", () => {
  const registry = { server: "registry.example.com:5000", ...login };

  it.each(["registry.example.com", "localhost:5000", "registry.example.com/team", "https://index.docker.io/v1/"])(
    "may be made for %s",
    (server) => {
      const imagePullSecrets = [{ name: "there" }, { name: "company", registry: { ...registry, server } }];
      expect(parse({ imagePullSecrets }).imagePullSecrets).toEqual(imagePullSecrets);
    },
  );

  it.each([
    [[{ name: "a" }, { name: "a" }], /^imagePullSecrets\[1\]\.name: is there twice/],
    [[{ name: "Company" }], /^imagePullSecrets\[0\]\.name: is not a DNS name/],
    [["company"], /^imagePullSecrets\[0\]: /],
    [
      [{ name: "a", registry: { ...registry, server: "https://registry.example.com" } }],
      /^imagePullSecrets\[0\]\.registry\.server: is not the host of a registry/,
    ],
    [
      [{ name: "a", registry: { server: "registry.example.com", username: "robot" } }],
      /^imagePullSecrets\[0\]\.registry\.password: is missing/,
    ],
  ])("are not %j", (imagePullSecrets, line) => {
    expect(linesOf({ imagePullSecrets })).toEqual([expect.stringMatching(line)]);
    expect(JSON.stringify(issuesOf({ imagePullSecrets }))).not.toContain("t0p-s3cret");
  });
});
