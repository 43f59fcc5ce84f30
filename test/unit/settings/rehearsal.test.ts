import { describe, expect, it } from "vitest";
import { parseSettings, rehearsalConfig, SettingsError } from "../../../settings";
import { config, existing, kind, kwok, stack } from "./config";

const kubeconfig = "clusters: [{name: c}]\ncontexts: [{name: c}]\nusers: [{user: {token: t0p-s3cret}}]\n";

describe("a rehearsal of a stack's settings", () => {
  it("makes every cluster a kwok cluster of the same name, subnets, nodes and platform", () => {
    const clusters = [
      kind("a", { workers: 2, nodeImage: "kindest/node:v1.34.0", platform: "openshift" }),
      existing("b", { kubeconfig, context: "c", podSubnet: "10.40.0.0/16", zone: "z", nodePort: { address: "node" } }),
      kwok("c"),
    ];
    const { config: rehearsed, changes } = rehearsalConfig(stack({ clusters, loadBalancer: "cloud-provider-kind" }));
    const settings = parseSettings(rehearsed);
    expect(settings.clusters).toEqual([
      kwok("a", {
        podSubnet: "10.10.0.0/16",
        serviceSubnet: "10.255.10.0/24",
        controlPlanes: 1,
        workers: 2,
        platform: "openshift",
      }),
      kwok("b", {
        podSubnet: "10.40.0.0/16",
        serviceSubnet: "10.255.20.0/24",
        controlPlanes: 1,
        workers: 0,
        zone: "z",
        nodePort: { address: "node", port: 30012 },
      }),
      kwok("c", { podSubnet: "10.30.0.0/16", serviceSubnet: "10.255.30.0/24", controlPlanes: 1, workers: 0 }),
    ]);
    expect(settings.loadBalancer).toBe("none");
    expect(JSON.stringify(rehearsed)).not.toContain("t0p-s3cret");
    expect(changes).toEqual([
      "a is a kwok cluster instead of a kind one",
      "b is a kwok cluster instead of an existing one",
    ]);
  });

  it("puts placeholders for what is missing, and says so", () => {
    const { config: rehearsed, changes } = rehearsalConfig(config({ clusters: [kwok("a")] }));
    expect(parseSettings(rehearsed)).toMatchObject({ distribution: "solo", license: { value: "rehearsal" } });
    expect(changes).toEqual([
      "a placeholder stands for the missing licence",
      "a placeholder stands for the missing repo key",
    ]);
  });

  it.each([
    { license: "mine", repoKey: "0123456789ab" },
    { licenseSecretRef: { name: "licence" }, charts: "./charts", images: "mirror.example.com/istio" },
    { license: "mine", istioVersion: "1.29.0" },
    { distribution: "community" },
  ])("changes nothing that is there: %j", (settings) => {
    const whole = config({ clusters: [kwok("a")], ...settings });
    const { config: rehearsed, changes } = rehearsalConfig(whole);
    expect(changes).toEqual([]);
    // What was planned is given by now.
    expect(parseSettings(rehearsed)).toEqual({ ...parseSettings(whole), subnetRequests: expect.anything() as unknown });
  });

  it("plans a subnet in place of one that no kwok cluster can have", () => {
    const clusters = [existing("a", { podSubnet: "10.10.0.0/26", serviceSubnet: "10.0.0.0/20" })];
    const { config: rehearsed, changes } = rehearsalConfig(stack({ clusters }));
    expect(parseSettings(rehearsed).clusters).toMatchObject([
      { podSubnet: "10.10.0.0/16", serviceSubnet: "10.0.0.0/20" },
    ]);
    expect(changes.join()).toMatch(/a has a planned podSubnet/);
  });

  it("finds the issues that `pulumi up` would find", () => {
    const invalid = config({ clusters: [kind("a", { podSubnet: "172.18.0.0/16" })], demo: "x" });
    expect(() => rehearsalConfig(invalid)).toThrow(SettingsError);
    expect(() => rehearsalConfig(invalid)).toThrow(/clusters\[0\]\.podSubnet[^]*demo|demo[^]*clusters\[0\]\.podSubnet/);
  });
});
