import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inClusterKubeconfig, KubeconfigError, ownAccess } from "../../../kubernetes";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-pod-"));
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "10.96.0.1");
  vi.stubEnv("KUBERNETES_SERVICE_PORT", "443");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

function mount(token = "first-token"): void {
  writeFileSync(join(folder, "token"), token);
  writeFileSync(join(folder, "ca.crt"), "-----BEGIN CERTIFICATE-----\n");
}

const text = () => inClusterKubeconfig("the kubeconfig of cluster a", folder);

function refusal(): string {
  try {
    return text();
  } catch (error) {
    return error instanceof KubeconfigError ? error.sentence : String(error);
  }
}

describe("the kubeconfig of a pod's own cluster", () => {
  it("names the files of the service account, and has nothing of them: a renewed token is used at once", async () => {
    mount();
    const before = text();
    expect(before).not.toContain("first-token");
    const access = ownAccess(before, "it");
    expect([access.server, access.context]).toEqual(["https://10.96.0.1:443", "in-cluster"]);
    expect((await access.config()).getCurrentUser()?.token).toBe("first-token");
    mount("second-token");
    expect(text()).toBe(before);
    expect((await access.config()).getCurrentUser()?.token).toBe("second-token");
  });

  it("reaches an API server that has an IPv6 address", () => {
    mount();
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "fd00::1");
    expect(ownAccess(text(), "it").server).toBe("https://[fd00::1]:443");
  });

  it("is refused outside of a pod, with what is missing", () => {
    expect(refusal()).toContain(
      `which would have the file ${join(folder, "token")} and the file ${join(folder, "ca.crt")}: run it in a pod of the cluster`,
    );
    mount();
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "");
    expect(refusal()).toBe(
      "the kubeconfig of cluster a is in-cluster, the service account of the pod that runs Pulumi, and this does not run in such a pod, " +
        "which would have the variables KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: run it in a pod of the cluster, with a " +
        "service account whose token is mounted (automountServiceAccountToken), or give kubeconfig or context.",
    );
  });

  it("is of no use elsewhere, which is said of its files", async () => {
    const elsewhere = `apiVersion: v1
current-context: in-cluster
contexts: [{ name: in-cluster, context: { cluster: in-cluster, user: in-cluster } }]
clusters: [{ name: in-cluster, cluster: { server: "https://10.96.0.1:443" } }]
users: [{ name: in-cluster, user: { tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/no-token } }]
`;
    const access = ownAccess(elsewhere, "it");
    expect(access.isOfPod).toBe(true);
    await expect(access.config()).rejects.toThrow(/no-token does not exist: run this in a pod of that cluster/);
  });
});
