/** How private registries are asked, by Helm for charts and by nodes for images. */
import { z } from "zod";
import { readCertificates } from "../certificates";
import { checkedString, dnsName, matching } from "./formats";
import type { PartialConfig, Report } from "./issues";

const user = checkedString((value) =>
  /^[^\p{Cc}:]+$/u.test(value)
    ? undefined
    : { problem: "is not a user name", remedy: "write the name that you log in to the registry with, without a colon" },
);

/** No message quotes it. */
const password = checkedString((value) =>
  /^[^\p{Cc}]+$/u.test(value)
    ? undefined
    : {
        problem: value === "" ? "is empty" : "has a line break or another control character",
        remedy: "give the password or token alone, as a secret: `pulumi config set --secret --path`",
      },
);

/** The certificate of a company's authority, or the path of its file. */
const authority = checkedString((value) => {
  if (!value.includes("-----")) {
    return /^[^\p{Cc}]+$/u.test(value) && !value.includes("://")
      ? undefined
      : {
          problem: "is neither a certificate nor a path",
          remedy: "write the path of a PEM file, or the certificate itself",
        };
  }
  const read = readCertificates(value);
  return "kind" in read ? { problem: read.problem, remedy: `give ${read.wanted}` } : undefined;
});

export const chartRegistry = z
  .strictObject({
    username: user.optional().meta({ description: "Who pulls the charts", fallback: "the engineer's own login" }),
    password: password
      .optional()
      .meta({ description: "Password or token of `username`", fallback: "the engineer's own login", secret: true }),
    ca: authority.optional().meta({
      description:
        "Certificate of the authority that the registry's own is from, PEM, or the path of its file; needs `username` and " +
        "`password`, since Helm reads it only with them",
      fallback: "the authorities that the machine trusts",
    }),
  })
  .describe("How the registry of `charts` is asked");

const digest = matching(
  "a digest of an image",
  "write sha256: and 64 characters of 0-9 and a-f",
  /^sha256:[0-9a-f]{64}$/,
).optional();

export const imageDigests = z
  .strictObject({
    pilot: digest.meta({ description: "Digest of istiod's image", fallback: "by its tag" }),
    "install-cni": digest.meta({ description: "Digest of the CNI agent's image", fallback: "by its tag" }),
    ztunnel: digest.meta({ description: "Digest of ztunnel's image", fallback: "by its tag" }),
    proxyv2: digest.meta({
      description: "Digest of the image of gateways, waypoints and sidecars",
      fallback: "by its tag",
    }),
  })
  .describe("Digests of the images of this `istioVersion` and `variant`, beside their tags");

const server = matching(
  "the host of a registry",
  "write HOST or HOST:PORT, such as registry.example.com; https://index.docker.io/v1/ for Docker Hub",
  /^([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]+)?(\/[A-Za-z0-9._-]+)*|https:\/\/index\.docker\.io\/v1\/)$/,
);

export const imagePullSecrets = z
  .array(
    z.strictObject({
      name: dnsName.describe("Name of the Secret, the same in every namespace"),
      registry: z
        .strictObject({
          server: server.describe("Host of the registry, with its port if it has one"),
          username: user.describe("Who pulls the images"),
          password: password.meta({ description: "Password or token of `username`", secret: true }),
        })
        .optional()
        .meta({ description: "What the stack makes the Secret of", fallback: "the Secret is there already" }),
    }),
  )
  .describe("Secrets that nodes pull the images of the mesh and the demo with");

/** Credentials are whole, and used. */
export function checkRegistries({ valid, given }: PartialConfig, report: Report): void {
  const { chartRegistry: charts, imagePullSecrets: secrets = [] } = valid;
  if (charts !== undefined) {
    const { username, password: secret, ca } = charts;
    const path = (key: string) => ["chartRegistry", key];
    if (username === undefined && secret !== undefined) {
      report({ path: path("username"), problem: "is missing beside password", remedy: "write both, or neither" });
    }
    if (secret === undefined && username !== undefined) {
      report({
        path: path("password"),
        problem: "is missing beside username",
        remedy: "set it (`pulumi config set --secret --path flatmesh:chartRegistry.password`), or write neither",
      });
    }
    if (ca !== undefined && username === undefined && secret === undefined) {
      report({
        path: path("ca"),
        problem: "is given without username and password, and Helm reads it only with them",
        remedy: "write all three, or have the machine trust that authority (on Linux also by SSL_CERT_FILE)",
      });
    }
    if (given.has("charts") && valid.charts !== undefined && !valid.charts.startsWith("oci://")) {
      report({
        path: ["chartRegistry"],
        problem: "is given, and charts is a folder",
        remedy: "remove it, or write an OCI registry: charts: oci://HOST/PATH",
      });
    }
  }
  secrets.forEach(({ name }, index) => {
    if (secrets.findIndex((other) => other.name === name) < index) {
      report({
        path: ["imagePullSecrets", index, "name"],
        value: name,
        problem: "is there twice",
        remedy: "give each Secret one entry",
      });
    }
  });
}
