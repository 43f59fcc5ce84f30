import { describe, expect, it } from "vitest";
import { KindCluster, kindConfiguration, ownershipMark } from "../../../../components/clusters/kind";
import { identityOf } from "../../../../components/clusters/identity";
import { type Inputs, run } from "../mocks";
import { kindSettings } from "./settings";

describe("kind's configuration", () => {
  it("has the subnets, and a node for each that is asked for", () => {
    const settings = kindSettings({ controlPlanes: 3, workers: 2, nodeImage: "kindest/node:v1.34.0" });
    const node = (role: string) => ({
      role,
      image: "kindest/node:v1.34.0",
      extraMounts: [{ hostPath: "/dev/null", containerPath: "/mark", readOnly: true }],
    });
    expect(kindConfiguration(settings, "/mark")).toEqual({
      kind: "Cluster",
      apiVersion: "kind.x-k8s.io/v1alpha4",
      networking: { podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" },
      nodes: [node("control-plane"), node("control-plane"), node("control-plane"), node("worker"), node("worker")],
    });
  });

  it("leaves the image to kind where none is given", () => {
    expect(JSON.stringify(kindConfiguration(kindSettings(), "/mark"))).not.toContain("image");
  });

  it("marks every node with its owner and its identity", async () => {
    const settings = kindSettings({ workers: 1 });
    const { one } = await run(
      () =>
        new KindCluster("a-1", {
          ...settings,
          clusterName: settings.name,
          identity: identityOf(settings),
          uniqueName: false,
          owner: "0123456789abcdef",
        }),
    );
    const mark = ownershipMark("0123456789abcdef", identityOf(settings));
    expect(mark).toBe(`/flatmesh/0123456789abcdef/${identityOf(settings)}`);
    const { environment, stdin } = one("Command").inputs;
    expect(JSON.parse(String(stdin))).toEqual(kindConfiguration(settings, mark));
    // The scripts look for what they are told in the environment: both have to say the same.
    const { OWNER, IDENTITY } = environment as Inputs;
    expect(`/flatmesh/${String(OWNER)}/${String(IDENTITY)}`).toBe(mark);
  });
});
