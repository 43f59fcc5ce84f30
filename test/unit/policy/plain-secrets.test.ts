import { describe, expect, it } from "vitest";
import { readConfiguration } from "../../../policy/pulumi-cli";
import { plainSecrets as rule } from "../../../policy/rules/plain-secrets";
import { authorityKey } from "../components/peering/certificates";
import { against, release, resource, unknown } from "./resources";

const key = authorityKey();
const licence = "eyJhbGciOiJFUzI1NiJ9.payload.signature";
const map = (data: Parameters<typeof resource>[2], secrets: readonly string[] = []) =>
  resource("kubernetes:core/v1:ConfigMap", "map", { metadata: { name: "map" }, data }, { secrets });

describe("plain-secrets", () => {
  it.each([
    ["a key", map({ "tls.key": key }), 'private key at data["tls.key"]'],
    ["a key in base64", map({ key: Buffer.from(key).toString("base64") }), "private key at data.key"],
    [
      "a key in a kubeconfig",
      resource("pulumi:providers:kubernetes", "p", {
        kubeconfig: `users:\n- user:\n    client-key-data: ${Buffer.from(key).toString("base64")}\n`,
      }),
      "private key at kubeconfig",
    ],
    ["a licence", release("istiod", { license: { value: licence } }), "licence key at values.license.value"],
    ["one that says so itself", release("istiod", { licenseKey: "abc" }), "licence key at values.licenseKey"],
    [
      "a licence in YAML",
      release("istiod", {}, { valueYamlFiles: [{ text: `license:\n  value: ${licence}\n` }] }),
      "valueYamlFiles[0].text",
    ],
    [
      "a licence in a variable",
      resource("kubernetes:apps/v1:Deployment", "d", {
        spec: { containers: [{ env: [{ name: "SOLO_LICENSE_KEY", value: "abc" }] }] },
      }),
      "spec.containers[0].env[0].value",
    ],
    [
      "a licence on a command line",
      resource("command:local:Command", "c", {
        create: `helm install istiod istio/istiod --set pilot.x=1 --set license.value=${licence} --wait`,
      }),
      "licence key at create",
    ],
    [
      "a licence in a script",
      resource("command:remote:Command", "c", { create: `export SOLO_LICENSE_KEY="${licence}"\nistioctl install` }),
      "licence key at create",
    ],
    [
      "a licence in a container's arguments",
      resource("kubernetes:core/v1:Pod", "p", { spec: { containers: [{ args: ["--license-key abcdef"] }] } }),
      "licence key at spec.containers[0].args[0]",
    ],
    [
      "a key in an annotation",
      resource("kubernetes:core/v1:Secret", "s", {
        metadata: {
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ stringData: { "tls.key": key } }),
          },
        },
      }),
      "private key at metadata.annotations",
    ],
    [
      "a licence in an annotation",
      resource("kubernetes:core/v1:Secret", "s", {
        metadata: {
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({
              stringData: { "solo-license-key": licence },
            }),
          },
        },
      }),
      "licence key at metadata.annotations",
    ],
  ])("sees %s, and does not show it", (_what, one, message) => {
    const [found = "", ...others] = against(rule, [one]);
    expect(others).toEqual([]);
    expect(found).toContain(message);
    expect(found).not.toContain(licence);
    expect(found).not.toContain("BEGIN");
  });

  it("lets secrets be, each by itself or as part of one, and what is not known yet", () => {
    expect(
      against(rule, [map({ key }, ["data.key"]), map({ key }, ["data"]), map({ key: unknown }), map({ key }, [""])]),
    ).toEqual([]);
    const values = { license: { value: licence } };
    expect(against(rule, [release("istiod", values, {}, { secrets: ["values.license.value"] })])).toEqual([]);
  });

  it("lets certificates, references to licences and licences of software be", () => {
    const certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    const resources = [
      map({ certificate, license: "Apache-2.0", licence: "basic", "license.txt": "This may be used by anybody" }),
      release("istiod", { license: { secretRef: { name: "solo-license", namespace: "istio-system" }, value: "" } }),
      resource("kubernetes:core/v1:Namespace", "n", {
        metadata: { labels: { license: "abc" }, annotations: { license: "abc" } },
      }),
      resource("kubernetes:core/v1:Namespace", "n", {
        metadata: { annotations: { last: JSON.stringify({ metadata: { labels: { "license-key": "abc" } } }) } },
      }),
      resource("command:local:Command", "c", {
        create:
          'helm install istiod x --set license.value="$LICENSE_KEY" --set license.secretRef.name=solo-license\n' +
          "SOLO_LICENSE_KEY=$(cat key) ./run --license-file /key --license Apache-2.0; ./run --accept-license --yes",
        environment: { SOLO_LICENSE_KEY: "" },
      }),
    ];
    expect(against(rule, resources)).toEqual([]);
  });

  it("sees keys in a stack's configuration, and says how to encrypt them", () => {
    const stack = (configuration: object) => ({
      ...resource("pulumi:pulumi:Stack", "s", {}),
      configuration: readConfiguration(JSON.stringify(configuration)),
    });
    const plain = (value: unknown) =>
      typeof value === "string"
        ? { value, secret: false }
        : { value: JSON.stringify(value), objectValue: value, secret: false };
    expect(
      against(rule, [stack({ "flatmesh:license": plain("short"), "flatmesh:root": plain({ privateKey: key }) })]),
    ).toEqual([
      expect.stringContaining("pulumi config set --secret 'flatmesh:license'"),
      expect.stringContaining("private key of flatmesh:root.privateKey"),
    ]);
    // An environment of Pulumi ESC gives it, which the CLI has not opened.
    expect(against(rule, [stack({ "flatmesh:license": plain("[unknown]") })])).toEqual([]);
    expect(
      against(rule, [stack({ "mesh:soloLicenseKey": plain("abc"), "mesh:license": plain(licence) })]),
    ).toHaveLength(2);
    expect(
      against(rule, [
        stack({
          "flatmesh:license": { secret: true },
          "flatmesh:licenseSecretRef": plain({ name: "solo-license", namespace: "istio-system" }),
          "flatmesh:demo": plain("true"),
          "mesh:license": plain("Apache-2.0"),
        }),
      ]),
    ).toEqual([]);
  });

  it("says so where it can't be seen what is secret", () => {
    const { secrets, ...unseen } = map({ key });
    expect(secrets).toEqual([]);
    expect(against(rule, [unseen])).toEqual([
      expect.stringContaining("Set the policy secret-values to level remediate"),
    ]);
    expect(against(rule, [{ ...unseen, inputs: { data: {} } }])).toEqual([]);
  });
});
