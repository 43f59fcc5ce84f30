import { describe, expect, it } from "vitest";
import { sectionOfKey } from "../../../settings/reference";
import { kind, linesOf, parse } from "./config";

describe("settings of charts", () => {
  it.each([
    [{ istiod: { replicas: 0 } }, "istiod.replicas: is out of bounds → write 1 or more"],
    [
      { istiod: { replicas: 2, autoscaling: {} } },
      "istiod.replicas: is a fixed number, and autoscaling changes it → remove one of the two",
    ],
    [
      { istiod: { autoscaling: { minReplicas: 9 } } },
      "istiod.autoscaling.minReplicas: is more than maxReplicas, 5 → write a number up to maxReplicas, or a higher maxReplicas",
    ],
    [
      { istiod: { resources: { requests: { cpu: "500mm" } } } },
      'istiod.resources.requests.cpu: is not a quantity of Kubernetes → write a number with a unit, such as "500m" or "2Gi"',
    ],
    [
      { ztunnel: { replicas: 2 } },
      "ztunnel.replicas: is not a setting → move it: the setting is flatmesh:istiod.replicas",
    ],
    [
      { cni: { binDir: "opt/cni/bin" } },
      "cni.binDir: is not an absolute path → write the whole path, such as /opt/cni/bin",
    ],
    [{ httpProxy: { http: "proxy:3128" } }, "httpProxy.http: is not the URL of a proxy → write http://HOST:PORT"],
    [
      { tracing: { service: "otel", sampling: 101 } },
      "tracing.sampling: is out of bounds → write a percentage from 0 to 100",
    ],
    [
      { istiod: { tolerations: [{ efect: "NoSchedule" }] } },
      "istiod.tolerations[0].efect: is not a setting → did you mean effect?",
    ],
    [
      { istiod: { disruptionBudget: { minAvailable: "half" } } },
      expect.stringMatching(
        /^istiod\.disruptionBudget\.minAvailable: .* → write a number of pods, or a percentage such as "50%"$/,
      ),
    ],
  ])("refuses %j", (settings, line) => {
    expect(linesOf(settings)).toEqual([line]);
  });

  it("are the same in a cluster, whose documents are those of the stack's", () => {
    expect(linesOf({ clusters: [kind("a"), kind("b", { istiod: { replicas: 0 } })] })).toEqual([
      "clusters[1].istiod.replicas: is out of bounds → write 1 or more",
    ]);
    expect(sectionOfKey("clusters[1].istiod.replicas")).toBe("docs/settings.md#istiodreplicas");
    expect(sectionOfKey("clusters[1].istiod")).toBe("docs/settings.md#clustersistiod");
    expect(sectionOfKey("ztunnel.tolerations[0].effect")).toBe("docs/settings.md#istiodtolerationseffect");
  });

  it("are left out where Pulumi.yaml's declared defaults stand for them", () => {
    expect(parse({ istiod: {}, values: {}, accessLogs: "", tracing: {} })).toEqual(parse());
  });
});
