import { expect, it } from "vitest";
import { withoutSecrets } from "../../../printable";

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl";

it.each([
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- after", "[secret] after"],
  ["cut: -----BEGIN PRIVATE KEY-----\nMIIE", "cut: [secret]"],
  [`invalid token ${jwt}: expired`, "invalid token [secret]: expired"],
  ["Authorization: Bearer abcdef123456", "Authorization: Bearer [secret]"],
  ["authorization=Basic dXNlcjpwYXNz", "authorization=Basic [secret]"],
  ["Get https://robot:hunter2@registry.example/v2/: 401", "Get https://[secret]@registry.example/v2/: 401"],
  [
    "GET https://s3.example/x?X-Amz-Signature=abcd&part=1: 403",
    "GET https://s3.example/x?X-Amz-Signature=[secret]&part=1: 403",
  ],
  ['{"password":"a \\"b","user":"me"}', '{"password":"[secret]","user":"me"}'],
  ["SOLO_LICENSE_KEY=abc-def level=info", "SOLO_LICENSE_KEY=[secret] level=info"],
  ["licenseKey: 0123456789abcdef", "licenseKey: [secret]"],
  ["run --token s3cr3t-value now", "run --token [secret] now"],
  ["key AKIAIOSFODNN7EXAMPLE is wrong", "key [secret] is wrong"],
  ["pull with ghp_0123456789abcdefghijABCDEF", "pull with [secret]"],
])("%j is shown without its secret", (text, shown) => {
  expect(withoutSecrets(text)).toBe(shown);
});

it.each([
  'secret "cacerts" not found',
  'Failed to pull image "docker.io/istio/ztunnel:1.31.0": not found',
  "couldn't find key license in Secret istio-system/solo-license",
  "failed to authorize: failed to fetch anonymous token: 403 Forbidden",
  'WWW-Authenticate: Basic realm="registry"',
  "https://kubernetes.default.svc:443/api",
  "token: not found",
])("%j has none, and stays as it is", (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

it("takes out secrets that are known, as they are and in base64", () => {
  const license = "not-a-token-at-all";
  const text = `bad licence ${license} (${Buffer.from(license).toString("base64")})`;
  expect(withoutSecrets(text, [license, "", "on"])).toBe("bad licence [secret] ([secret])");
});
