import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
import { inside, LoadBalancers, repairInside, type Repairs, targetCluster } from "../../../../components/clusters";
import { helmRelease } from "../../../../components/helm";
import { kwok, parse } from "../../settings/config";
import { run } from "../mocks";
import { clustersOf } from "../preflight";

const reason = "1: Secret n/s is missing";
const apply = {
  kind: "apply",
  object: { apiVersion: "v1", kind: "Secret", metadata: { name: "s", namespace: "n" } },
  fieldManager: "m",
} as const;

class Group extends pulumi.ComponentResource {
  constructor(opts: pulumi.ComponentResourceOptions) {
    super("test:Group", "group", {}, opts);
    const metadata = { name: "s", namespace: "n", annotations: { own: "kept" } };
    new k8s.core.v1.Secret("a-secret", { metadata, stringData: { key: "value" } }, { parent: this });
    new k8s.core.v1.ConfigMap("a-secret", { metadata }, { parent: this });
  }
}

const resources = (repairs: Repairs, preview: boolean) =>
  run(
    () => {
      const [cluster] = clustersOf(parse({ clusters: [kwok("a")] }));
      if (cluster === undefined) {
        throw new Error("no cluster");
      }
      repairInside(cluster, repairs);
      new Group(inside(cluster));
      const chart = { chart: "oci://example.com/base", version: "1.0.0" };
      const release = { cluster: targetCluster(cluster), name: "base", namespace: "n", chart, values: {} };
      helmRelease("a-base", release, inside(cluster));
    },
    { preview },
  );

describe("a resource that has drifted", () => {
  const secretKey = "kubernetes:core/v1:Secret a-secret";
  it("has the reason in an annotation, and no other resource of its name has it", async () => {
    const { one } = await resources({ [secretKey]: { reason, actions: [apply] } }, false);
    expect(one("Secret").inputs["metadata"]).toMatchObject({
      annotations: { own: "kept", "flatmesh/repaired": reason },
    });
    expect(one("Secret").inputs["stringData"]).toEqual({ key: "value" });
    expect(one("ConfigMap").inputs["metadata"]).toMatchObject({ annotations: { own: "kept" } });
    expect(one("Release").inputs["description"]).toBeUndefined();
  });

  it("is not tried by the plugin in a preview, where something about it is unknown", async () => {
    const { one } = await resources({ [secretKey]: { reason, actions: [apply] } }, true);
    const { annotations } = one("Secret").inputs["metadata"] as { readonly annotations: object };
    expect(annotations).toEqual({ own: "kept", "flatmesh/repaired": reason, "flatmesh/repair-pending": undefined });
    expect(one("Secret").inputs["data"]).toEqual({ key: "dmFsdWU=" });
  });

  it("is as it was where only the reason of an earlier repair is kept", async () => {
    const { one } = await resources({ [secretKey]: { reason, actions: [] } }, true);
    const { annotations } = one("Secret").inputs["metadata"] as { readonly annotations: object };
    expect(Object.keys(annotations).sort()).toEqual(["flatmesh/repaired", "own"]);
  });

  it("is told of where it is declared: what a plan takes away is not put back", async () => {
    const info = vi.spyOn(pulumi.log, "info");
    const repairs = {
      [secretKey]: { reason, notice: "it comes back", actions: [] },
      "kubernetes:core/v1:Secret a-gone": { reason, notice: "it is gone", actions: [] },
    };
    await resources(repairs, true);
    expect(info.mock.calls.map(([message]) => message)).toEqual(["it comes back"]);
    info.mockRestore();
  });

  it("has it as description if it is a Helm release", async () => {
    const { one } = await resources(
      { "kubernetes:helm.sh/v3:Release a-base": { reason: "1: gone", actions: [] } },
      false,
    );
    expect(one("Release").inputs["description"]).toBe("1: gone");
  });

  it("has it in its environment if it is a command, whose component does not record it", async () => {
    const repairs = { "command:local:Command load-balancers": { reason: "1: stopped", actions: [] } };
    const { one } = await run(() => new LoadBalancers("load-balancers", { owner: "0123456789abcdef", repairs }));
    expect(one("Command").inputs["environment"]).toMatchObject({ REPAIRED: "1: stopped" });
    expect(one("LoadBalancers").inputs).toEqual({ owner: "0123456789abcdef" });
  });
});
