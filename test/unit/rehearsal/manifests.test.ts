import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rehearsedManifests } from "../../../rehearsal/manifests";
import { kwok, stack } from "../settings/config";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-rehearsed-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const object = (apiVersion: string, kind: string, namespace: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: "x", namespace },
  ...more,
});

async function rehearsed(objects: readonly object[], existing: readonly string[] = []) {
  const path = join(folder, "a.json");
  writeFileSync(path, JSON.stringify({ kind: "List", apiVersion: "v1", items: objects }));
  const given = stack({ clusters: [kwok("a"), kwok("b")], manifests: [path] });
  const { config, changes } = await rehearsedManifests(given, new Set(existing), folder);
  const written = JSON.parse(config["manifests"] ?? "[]") as readonly { readonly path: string }[];
  const items = written.map((one) => (JSON.parse(readFileSync(one.path, "utf8")) as { items: object[] }).items);
  return { changes, written, items };
}

describe("manifests in a rehearsal", () => {
  it("stay as they are where a hollow cluster can take them", async () => {
    expect(await rehearsed([object("v1", "ConfigMap", "istio-system")], ["a", "b"])).toEqual({
      changes: [],
      written: [],
      items: [],
    });
  });

  it("get what the real cluster has: namespaces; and leave out what only its definitions allow", async () => {
    const objects = [object("v1", "ConfigMap", "shop"), object("cert-manager.io/v1", "Certificate", "istio-system")];
    const { changes, written, items } = await rehearsed(objects, ["b"]);
    expect(changes).toEqual([
      "b is rehearsed without Certificate of the manifests, whose definitions only the real one has",
      "b gets the namespaces of the manifests that the real one has: shop",
    ]);
    expect(written).toEqual(
      ["a", "b"].map((name) => ({ path: join(folder, "manifests", `${name}.json`), clusters: [name] })),
    );
    // A cluster that the stack makes lacks them in earnest: the program says so.
    expect(items[0]).toEqual(objects);
    expect(items[1]).toEqual([{ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }, objects[0]]);
  });

  it("don't wait for Gateways that nobody programs", async () => {
    const gateway = (gatewayClassName: string) =>
      object("gateway.networking.k8s.io/v1", "Gateway", "istio-system", { spec: { gatewayClassName } });
    const { changes, items } = await rehearsed([gateway("istio-waypoint")]);
    expect(changes).toHaveLength(2);
    expect(items[0]).toMatchObject([{ metadata: { annotations: { "pulumi.com/skipAwait": "true" } } }]);
    expect((await rehearsed([gateway("istio-remote")])).changes).toEqual([]);
  });

  it("are left to the program where something is wrong with them", async () => {
    expect((await rehearsed([{ kind: "ConfigMap" }], ["a"])).changes).toEqual([]);
  });
});
