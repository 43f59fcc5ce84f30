import { describe, expect, it } from "vitest";
import { sectionOfKey } from "../../../settings/reference";
import { kind, linesOf, parse } from "./config";

describe("settings of charts", () => {
  it.each([
    [{ istiod: { replicas: 0 } }, "istiod.replicas: is out of bounds → write 1 or more"],
    [
      { istiod: { replicas: 2, autoscaling: { maxReplicas: 4 } } },
      "istiod.replicas: is given beside autoscaling, which chooses the number of pods → keep one of the two; autoscaling.minReplicas is the least number",
    ],
    [
      { istiod: { autoscaling: { minReplicas: 9, maxReplicas: 5 } } },
      "istiod.autoscaling.minReplicas: is more than maxReplicas, 5 → write a number up to maxReplicas, or a higher maxReplicas",
    ],
    [
      { istiod: { resources: { requests: { cpu: "500mm" } } } },
      "istiod.resources.requests.cpu: is no quantity of Kubernetes → write it as 500m, 2, 128Mi or 1Gi",
    ],
    [
      { ztunnel: { replicas: 2 } },
      expect.stringMatching(
        /^ztunnel\.replicas: is not a setting → move it: the setting is .*flatmesh:istiod\.replicas/,
      ),
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
      { istiod: { tolerations: [{ operator: "Exists", efect: "NoSchedule" }] } },
      "istiod.tolerations[0].efect: is no field that Kubernetes has there → see what it takes: kubectl explain deployment.spec.template.spec.tolerations",
    ],
    [
      { istiod: { podDisruptionBudget: { minAvailable: "half" } } },
      expect.stringMatching(
        /^istiod\.podDisruptionBudget\.minAvailable: .* → write a number of pods, or a percentage such as "50%"$/,
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
    expect(sectionOfKey("ztunnel.tolerations[0].effect")).toBe("docs/settings.md#ztunneltolerations");
  });

  it("are left out where Pulumi.yaml's declared defaults stand for them", () => {
    expect(parse({ istiod: {}, values: {}, accessLogs: "", tracing: {} })).toEqual(parse());
  });
});
