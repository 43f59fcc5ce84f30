import { describe, expect, it } from "vitest";
import { inside } from "../../../../components/clusters";
import { GatewayApi } from "../../../../components/mesh/gateway-api";
import { bundledDefinitions } from "../../../../preflight/gateway-api";
import { kwok, parse } from "../../settings/config";
import { run } from "../mocks";
import { clustersOf } from "../preflight";

describe.each([false, true])("the Gateway API of a cluster, preview %s", (preview) => {
  it("is waited for until it is established, with all that the release has", async () => {
    const { all, value } = await run(
      () => {
        const [cluster] = clustersOf(parse({ clusters: [kwok("a")], loadBalancer: undefined }));
        if (cluster === undefined) {
          throw new Error("no cluster");
        }
        const { namePrefix } = cluster;
        const definitions = bundledDefinitions("v1.4.0");
        const args = { namePrefix, definitions, existingCluster: false };
        new GatewayApi(`${namePrefix}-gateway-api`, args, inside(cluster));
        return cluster;
      },
      { preview },
    );
    const definitions = all("CustomResourceDefinition");
    expect(definitions.map(({ name }) => name)).toEqual(
      ["backendtlspolicies", "gatewayclasses", "gateways", "grpcroutes", "httproutes", "referencegrants"].map(
        (plural) => `${value.namePrefix}-${plural}.gateway.networking.k8s.io`,
      ),
    );
    expect(new Set(definitions.map(({ provider }) => provider))).toEqual(new Set([value.namePrefix]));
    expect(definitions[0]?.inputs).toMatchObject({
      spec: { names: { kind: "BackendTLSPolicy" } },
      metadata: {
        name: "backendtlspolicies.gateway.networking.k8s.io",
        annotations: {
          "gateway.networking.k8s.io/bundle-version": "v1.4.0",
          "gateway.networking.k8s.io/channel": "standard",
          "pulumi.com/waitFor": "condition=Established",
        },
      },
    });
  });
});
