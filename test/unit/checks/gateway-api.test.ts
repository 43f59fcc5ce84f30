import { describe, expect, it } from "vitest";
import { gatewayApi } from "../../../checks/mesh/gateway-api";
import type { Cluster } from "../../../checks/inventory";
import { fakeCluster } from "./fake-cluster";
import { bad, good, look } from "./run-check";

interface Definition {
  readonly release?: string | undefined;
  readonly established?: string;
  readonly served?: readonly string[];
}

function definition(kind: string, { release, established = "True", served = ["v1", "v1beta1"] }: Definition): object {
  return {
    metadata: {
      name: `${kind}.gateway.networking.k8s.io`,
      annotations: release === undefined ? {} : { "gateway.networking.k8s.io/bundle-version": release },
    },
    spec: {
      group: "gateway.networking.k8s.io",
      versions: ["v1", "v1beta1"].map((name) => ({ name, served: served.includes(name) })),
    },
    status: { conditions: [{ type: "Established", status: established }] },
  };
}

function cluster(name: string, gateways: Definition | undefined, classes: Definition = gateways ?? {}): Cluster {
  return fakeCluster(name, {
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions": [
      ...(gateways ? [definition("gateways", gateways)] : []),
      definition("gatewayclasses", classes),
    ],
  });
}

const is = (release: string) => ({ release });
const expected = { gatewayApi: "v1.4.0" };

it("holds for the settings' release, and for a newer one with a note", async () => {
  const findings = await look(gatewayApi, [cluster("a", is("v1.4.0")), cluster("b", is("v1.4.0"))], expected);
  expect(bad(findings)).toEqual([]);
  expect(good(findings)).toContain("passed a: gateways.gateway.networking.k8s.io v1.4.0");
  for (const release of ["v1.4.1", "v1.10.0", "v2.0.0-rc.1"]) {
    const newer = await look(gatewayApi, [cluster("a", is(release))], expected);
    expect(bad(newer)).toEqual([]);
    expect(good(newer)[0]).toBe(
      `passed a: gateways.gateway.networking.k8s.io ${release}, newer than the settings' v1.4.0`,
    );
  }
  expect(bad(await look(gatewayApi, [cluster("a", is("v1.2.0"))]))).toEqual([]);
});

it("holds for kinds that are of the release that Istio needs, or not there, and warns of those that Istio ignores", async () => {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const routes = (release?: string) =>
    fakeCluster("a", {
      [path]: [
        definition("gateways", is("v1.6.0")),
        definition("gatewayclasses", is("v1.6.0")),
        definition("tlsroutes", { release }),
      ],
    });
  const on = (version: string) => ({ version, gatewayApi: "v1.6.0" });
  expect(bad(await look(gatewayApi, [routes("v1.4.1")], on("1.30.3")))).toEqual([
    "warning a: Istio 1.30.3 ignores objects of kind TLSRoute: the definition tlsroutes.gateway.networking.k8s.io is of v1.4.1, and " +
      "Istio needs v1.5.0 or later",
  ]);
  expect(bad(await look(gatewayApi, [routes()], on("1.30.3")))).toEqual([
    expect.stringContaining("is of no stated release"),
  ]);
  for (const [release, version] of [
    ["v1.5.0-rc.1", "1.30.3"],
    ["v1.4.1", "1.29.0-solo"],
  ] as const) {
    expect(bad(await look(gatewayApi, [routes(release)], on(version)))).toEqual([]);
  }
  expect(bad(await look(gatewayApi, [cluster("a", is("v1.6.0"))], on("1.31.0")))).toEqual([]);
});

describe("a fault of the Gateway API", () => {
  it.each(["v1.3.9", "v1.4.0-rc.2", "v0.8.1"])("is the older release %s", async (release) => {
    expect(bad(await look(gatewayApi, [cluster("a", is(release))], expected))).toEqual(
      ["gateways", "gatewayclasses"].map(
        (kind) =>
          `failed a: the definition ${kind}.gateway.networking.k8s.io is of release ${release}, older than the settings' v1.4.0`,
      ),
    );
  });

  it("is a definition that is not there, not Established, or does not serve v1", async () => {
    const right = is("v1.4.0");
    expect(bad(await look(gatewayApi, [cluster("a", undefined, right)]))).toEqual([
      "failed a: the definition gateways.gateway.networking.k8s.io is missing",
    ]);
    expect(bad(await look(gatewayApi, [cluster("a", { ...right, established: "False" }, right)]))).toEqual([
      "failed a: the definition gateways.gateway.networking.k8s.io is not Established",
    ]);
    expect(bad(await look(gatewayApi, [cluster("a", right, { ...right, served: ["v1beta1"] })]))).toEqual([
      expect.stringMatching(/^failed a: the definition gatewayclasses.* does not serve v1, only v1beta1/),
    ]);
  });

  it("is that releases differ, in a cluster or between two, or are not told", async () => {
    const [one, other] = [is("v1.4.0"), is("v1.5.0")];
    expect(bad(await look(gatewayApi, [cluster("a", one, other)]))).toEqual([
      "warning a: its definitions come from several releases: v1.4.0, v1.5.0",
    ]);
    expect(bad(await look(gatewayApi, [cluster("a", one), cluster("b", other)], expected))).toEqual([
      "warning between: clusters have different releases of the Gateway API: a has v1.4.0, b has v1.5.0",
    ]);
    expect(bad(await look(gatewayApi, [cluster("a", {}, one)], expected))).toEqual([
      expect.stringMatching(/^warning a: the definition gateways.* does not state its release/),
    ]);
  });
});
