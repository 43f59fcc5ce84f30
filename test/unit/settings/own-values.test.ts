import { describe, expect, it } from "vitest";
import { chartNames, pathText } from "../../../settings";
import { guardedValues } from "../../../settings/guarded-values";
import { issuesOf, kind, linesOf, parse } from "./config";

/** Settings with which every chart may have values. */
const everyChart = { istioVersion: "1.29.0", linkMethod: "chart" };

function nested(key: string, value: unknown): Record<string, unknown> {
  const [last = "", ...outer] = key.split(".").reverse();
  return outer.reduce<Record<string, unknown>>((inner, one) => ({ [one]: inner }), { [last]: value });
}

const guarded = chartNames.flatMap((chart) => guardedValues[chart].map((value) => ({ chart, ...value })));

describe("values that the mesh stands on", () => {
  it.each(guarded)("$chart: $key is refused, and so is what is in it", ({ chart, key, reason, remedy }) => {
    for (const value of ["mine", { deeper: "mine" }, null]) {
      const deeper = value !== null && typeof value === "object" ? ["deeper"] : [];
      expect(issuesOf({ ...everyChart, values: { [chart]: nested(key, value) } })).toEqual([
        {
          path: pathText(["values", chart, ...key.split("."), ...deeper]),
          problem: `can't be changed: ${reason}`,
          remedy,
        },
      ]);
    }
  });

  it("are refused to a cluster alone, too", () => {
    expect(linesOf({ clusters: [kind("a"), kind("b", { values: { istiod: { global: { network: "n" } } } })] })).toEqual(
      [
        "clusters[1].values.istiod.global.network: can't be changed: all clusters share one network → remove it; the setting is network",
      ],
    );
  });

  it("can't be taken away with what they are in", () => {
    expect(linesOf({ values: { istiod: { global: null, env: ["A=b"] }, ztunnel: { env: "" } } })).toEqual([
      "values.istiod.global: is null, which takes away global.profile: the mesh is an ambient one → remove it",
      "values.istiod.env: is a list, which takes away env.EXTERNAL_ISTIOD: every cluster has an istiod of its own, which signs with the Secret cacerts → remove it",
      "values.ztunnel.env: is a string, which takes away env.NETWORK: all clusters share one network → remove it; the setting is network",
    ]);
  });

  it("are the same under other keys that charts take for the top", () => {
    const values = {
      istiod: { pilot: { env: { ISTIO_MULTIROOT_MESH: "false" } } },
      cni: { cni: { ambient: { enabled: false } } },
      ztunnel: { global: { caAddress: "istiod.elsewhere:15012", logLevel: "debug" } },
    };
    expect(issuesOf({ values }).map(({ path }) => path)).toEqual([
      "values.istiod.pilot.env.ISTIO_MULTIROOT_MESH",
      "values.cni.cni.ambient.enabled",
      "values.ztunnel.global.caAddress",
    ]);
  });

  it("may be said to be what they are where a list can have more", () => {
    const excludeNamespaces = ["kube-system", "istio-system", "backup"];
    expect(parse({ values: { cni: { excludeNamespaces } } }).chartSettings.values).toEqual({
      cni: { excludeNamespaces },
    });
    expect(linesOf({ values: { cni: { excludeNamespaces: ["backup"] } } })).toEqual([
      "values.cni.excludeNamespaces: can't be changed: nodes need the pods of istio-system and kube-system before they have a network " +
        "→ write a list with istio-system, kube-system and the further namespaces",
    ]);
  });

  it("are never quoted, since a secret can stand anywhere", () => {
    const [issue] = issuesOf({ values: { istiod: { hub: "user:password@registry.example.com" } } });
    expect(JSON.stringify(issue)).not.toContain("password");
  });
});

describe("other values", () => {
  it("are as they are given, beside guarded ones", () => {
    const values = {
      istiod: {
        env: { PILOT_ENABLE_STATUS: "true" },
        meshConfig: { outboundTrafficPolicy: { mode: "REGISTRY_ONLY" } },
      },
      ztunnel: { logLevel: "debug", podAnnotations: { "example.com/team": "mesh" } },
    };
    expect(parse({ values }).chartSettings.values).toEqual(values);
  });

  it("are for charts that there are", () => {
    expect(linesOf({ values: { gateway: { a: 1 } } })).toEqual([
      expect.stringMatching(
        /^values\.gateway: is not a setting → remove it, or write one of base, istiod, cni, ztunnel, peering$/,
      ),
    ]);
    const remedy = "remove it, or write linkMethod: chart (solo distribution, 1.29 and later)";
    expect(linesOf({ values: { peering: { a: 1 } } })).toEqual([
      `values.peering: is for the peering chart, which this stack does not use → ${remedy}`,
    ]);
  });
});
