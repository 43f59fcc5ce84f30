import { describe, expect, it } from "vitest";
import { trustedNodeAccounts } from "../../../checks/mesh/trusted-node-accounts";
import { fakeCluster } from "./fake-cluster";
import { bad, good, look } from "./run-check";
import { container, workload } from "./workload";

const istiod = (path: string, trusted?: string) =>
  workload(
    path,
    { app: "istiod", "helm.sh/chart": "istiod-1.31.0" },
    [container("discovery", "istio/pilot:1", trusted === undefined ? {} : { CA_TRUSTED_NODE_ACCOUNTS: trusted })],
    { "meta.helm.sh/release-name": "istiod", "meta.helm.sh/release-namespace": "istio-system" },
  );

/** ztunnel's DaemonSet, whose pods run with a service account of their namespace; without a name with the one that all have. */
function ztunnel(path: string, serviceAccountName?: string): object {
  const containers = [container("istio-proxy", "istio/ztunnel:1")];
  const made = workload(path, { app: "ztunnel" }, containers) as { spec: { template: object } };
  const template = { ...made.spec.template, spec: { containers, serviceAccountName } };
  return { ...made, spec: { ...made.spec, template } };
}

const cluster = (istiods: readonly object[], tunnels: readonly object[]) =>
  fakeCluster("east", { "/apis/apps/v1/deployments": istiods, "/apis/apps/v1/daemonsets": tunnels });

const usual = "istio-system/ztunnel";

describe("trusted-node-accounts", () => {
  it.each([
    [usual, ztunnel(usual, "ztunnel"), usual],
    // The service account counts, and not what the DaemonSet is called.
    ["kube-system/other", ztunnel("kube-system/ztunnel", "other"), "kube-system/other"],
    [`elsewhere/ztunnel,${usual}`, ztunnel(usual, "ztunnel"), usual],
    ["istio-system/default", ztunnel(usual), "istio-system/default"],
  ])("holds where istiod trusts %s", async (trusted, tunnel, account) => {
    const findings = await look(trustedNodeAccounts, [cluster([istiod("istio-system/istiod", trusted)], [tunnel])]);
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual([`passed east: Deployment istio-system/istiod trusts ${account}`]);
  });

  it.each([
    ["kube-system/ztunnel", '"kube-system/ztunnel"'],
    ["istio-system/other", '"istio-system/other"'],
    ["ztunnel", '"ztunnel"'],
    // As istiod reads it.
    [`elsewhere/ztunnel, ${usual}`, `"elsewhere/ztunnel, ${usual}"`],
    [undefined, "not set"],
  ])("fails where it is %s", async (trusted, told) => {
    const findings = await look(trustedNodeAccounts, [
      cluster([istiod("istio-system/istiod", trusted)], [ztunnel(usual, "ztunnel")]),
    ]);
    expect(bad(findings)).toEqual([
      `failed east: Deployment istio-system/istiod has CA_TRUSTED_NODE_ACCOUNTS ${told}, without ${usual}, which DaemonSet ${usual} runs as: it denies ztunnel the certificates of all workloads`,
    ]);
    expect(findings[0]?.remedy).toContain(
      "helm --kube-context east upgrade istiod CHART -n istio-system --version 1.31.0 --reuse-values " +
        "--set trustedZtunnelNamespace=istio-system --set trustedZtunnelName=ztunnel",
    );
  });

  it("looks at the istiod of every revision", async () => {
    const istiods = [istiod("istio-system/istiod", "kube-system/ztunnel"), istiod("istio-system/istiod-next", usual)];
    const findings = await look(trustedNodeAccounts, [cluster(istiods, [ztunnel(usual, "ztunnel")])]);
    expect(bad(findings)).toEqual([expect.stringMatching(/^failed east: Deployment istio-system\/istiod has /)]);
    expect(good(findings)).toEqual([`passed east: Deployment istio-system/istiod-next trusts ${usual}`]);
  });

  it("fails where istiod or ztunnel is missing", async () => {
    expect(bad(await look(trustedNodeAccounts, [cluster([], [ztunnel(usual, "ztunnel")])]))).toEqual([
      "failed east: istiod is not installed (no Deployment has the label app=istiod)",
    ]);
    expect(bad(await look(trustedNodeAccounts, [cluster([istiod("istio-system/istiod", usual)], [])]))).toEqual([
      "failed east: ztunnel is not installed (no DaemonSet selects app=ztunnel)",
    ]);
  });
});
