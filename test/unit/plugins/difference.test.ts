import { beforeAll, expect, test } from "vitest";
import { configDifference } from "../../../rehearsal/plugins/kubernetes/config-difference";
import { replaces } from "../../../rehearsal/plugins/kubernetes/replacement";
import { readSettings } from "../../../rehearsal/plugins/kubernetes/settings";
import { differ, pathText } from "../../../rehearsal/plugins/protocol/difference";
import { secret, UNKNOWN } from "../../../rehearsal/plugins/protocol/values";
import type { Props } from "../../../rehearsal/plugins/protocol/values";

test("a difference names the leaves that changed, in the engine's notation", () => {
  const { changes, replaces } = differ(
    { same: 1, list: ["a", { b: 1 }], gone: true, labels: { "a.b/c": "x" } },
    { same: secret(1), list: ["a", { b: UNKNOWN }, "c"], labels: { "a.b/c": "y" } },
    ([key]) => key === "labels",
  );
  expect([...changes]).toEqual([
    ["list[1].b", "update"],
    ["list[2]", "add"],
    ["gone", "delete"],
    ['labels["a.b/c"]', "update"],
  ]);
  expect(replaces).toEqual(['labels["a.b/c"]']);
  expect(pathText(["a", 0, 'say "hi".'])).toBe('a[0]["say \\"hi\\"."]');
});

const settings = readSettings(new Map());

test.each([
  ["v1", "Secret", ["data", "key"], true],
  ["v1", "ConfigMap", ["data", "key"], true],
  ["v1", "Secret", ["metadata", "labels", "x"], false],
  ["v1", "Namespace", ["metadata", "name"], true],
  ["v1", "Service", ["spec", "clusterIP"], true],
  ["v1", "Service", ["spec", "ports", 0, "port"], false],
  ["apps/v1", "Deployment", ["spec", "selector", "matchLabels", "app"], true],
  ["apps/v1", "Deployment", ["spec", "replicas"], false],
  ["batch/v1", "Job", ["spec", "template", "spec", "containers", 0, "image"], true],
  ["gateway.networking.k8s.io/v1", "Gateway", ["spec", "addresses"], false],
])("%s %s: a change of %j replaces: %s", (apiVersion, kind, path, expected) => {
  expect(replaces({ apiVersion, kind }, false, settings)(path)).toBe(expected);
});

test("mutable Secrets and ConfigMaps are a choice, except for immutable ones", () => {
  const mutable = readSettings(
    new Map([
      ["enableSecretMutable", "true"],
      ["enableConfigMapMutable", "true"],
    ]),
  );
  const secretOf = (more: Props) => replaces({ apiVersion: "v1", kind: "Secret", ...more }, false, mutable);
  expect(secretOf({})(["data", "key"])).toBe(false);
  expect(secretOf({})(["type"])).toBe(true);
  expect(secretOf({ immutable: true })(["data", "key"])).toBe(true);
  expect(replaces({ apiVersion: "v1", kind: "ConfigMap" }, false, mutable)(["data", "key"])).toBe(false);
});

test("a setting that the stand-in does not play is refused", () => {
  expect(() => readSettings(new Map([["renderYamlToDirectory", "/x"]]))).toThrow(
    /does not play.*renderYamlToDirectory/,
  );
  expect(() => readSettings(new Map([["enableServerSideApply", "false"]]))).toThrow(/enableServerSideApply/);
});

// The library behind it takes its time to load, which is not what the tests below are about.
beforeAll(() => import("@kubernetes/client-node/dist/config.js"), 60_000);

const kubeconfig = (server: string, token = "t") =>
  JSON.stringify({
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    users: [{ name: "u", user: { token } }],
  });

const config = (server: string, more: Props = {}): Props => ({ kubeconfig: secret(kubeconfig(server)), ...more });

test("another cluster in the kubeconfig replaces everything, new credentials nothing", async () => {
  const old = config("https://one");
  expect((await configDifference(old, config("https://two"))).replaces).toEqual(["kubeconfig"]);
  const renewed = await configDifference(old, { kubeconfig: kubeconfig("https://one", "renewed") });
  expect([...renewed.changes.keys()]).toEqual(["kubeconfig"]);
  expect(renewed.replaces).toEqual([]);
  expect((await configDifference(old, config("https://one"))).changes.size).toBe(0);
});

test("an unknown kubeconfig replaces everything, unless an identifier says that the cluster is the same", async () => {
  const id = (clusterIdentifier: string) => ({ clusterIdentifier });
  const unknown: Props = { kubeconfig: UNKNOWN };
  const old = config("https://one", id("a"));
  expect((await configDifference(config("https://one"), unknown)).replaces).toEqual(["kubeconfig"]);
  expect((await configDifference(old, { ...unknown, ...id("a") })).replaces).toEqual([]);
  expect((await configDifference(old, config("https://two", id("a")))).replaces).toEqual([]);
  expect((await configDifference(old, config("https://one", id("b")))).replaces).toEqual(["clusterIdentifier"]);
  expect((await configDifference(config("https://one"), config("https://one", id("a")))).replaces).toEqual([]);
});
