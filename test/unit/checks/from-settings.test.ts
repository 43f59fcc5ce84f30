import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stringify } from "yaml";
import { fromSettings } from "../../../checks";
import { kubeconfigText } from "../components/mocks";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-settings-"));
  vi.stubEnv("PATH", [folder, process.env["PATH"]].join(delimiter));
  vi.stubEnv("KUBERNETES_SERVICE_HOST", "");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

/** A `pulumi` that knows the settings of stack prod, and the outputs of the stack that makes its cluster; or nothing. */
function play(settings: Readonly<Record<string, unknown>> | undefined, outputs: object = {}): void {
  const values = Object.entries(settings ?? {}).map(([key, value]) => [
    `flatmesh:${key}`,
    { value: typeof value === "string" ? value : JSON.stringify(value) },
  ]);
  writeFileSync(join(folder, "config.json"), JSON.stringify(Object.fromEntries(values)));
  writeFileSync(join(folder, "outputs.json"), JSON.stringify(outputs));
  const answers = `*"config --json --show-secrets --stack prod"*) cat '${folder}/config.json' ;;\n*"output --json --show-secrets --stack acme/eks/prod"*) cat '${folder}/outputs.json' ;;`;
  const script = `#!/bin/sh\ncase "$*" in\n${settings ? answers : ""}\n*) echo 'error: not logged in' >&2; exit 1 ;;\nesac\n`;
  writeFileSync(join(folder, "pulumi"), script, { mode: 0o700 });
}

/** What the source makes of the one existing cluster: how it is reached, or why it is not. */
async function reached(): Promise<string> {
  const { mesh } = await fromSettings(folder, "prod");
  const [cluster] = mesh.clusters;
  if (cluster?.access) {
    return cluster.access.server;
  }
  const reason = await cluster?.text("/").catch((error: unknown) => (error instanceof Error ? error.message : ""));
  return String(reason);
}

const of = (kubeconfig: unknown) => ({
  clusters: [{ name: "a", provisioner: "existing", kubeconfig }],
  distribution: "community",
});
const source = { stack: "acme/eks/prod", output: "kubeconfig" };

describe("the clusters of settings, before the stack is deployed", () => {
  it("are reached by a kubeconfig that another stack puts out", async () => {
    play(of(source), { kubeconfig: JSON.parse(kubeconfigText("east")) as object });
    expect(await reached()).toBe("https://127.0.0.1:6443");
  });

  it("are not reached where that stack has none, which is said", async () => {
    play(of(source), { vpcId: "x" });
    expect(await reached()).toContain("output kubeconfig of stack acme/eks/prod, does not exist. The stack has vpcId");
    play(of(source), { kubeconfig: 5 });
    expect(await reached()).toContain("is a number, and no kubeconfig");
  });

  it("are not reached by a service account outside of its pod", async () => {
    play(of("in-cluster"));
    expect(await reached()).toContain("its kubeconfig is in-cluster");
  });

  it("are nobody's guess where an environment of Pulumi ESC gives settings and Pulumi can't open it", async () => {
    play(undefined);
    writeFileSync(join(folder, "Pulumi.prod.yaml"), stringify({ environment: ["acme/prod"] }));
    await expect(fromSettings(folder, "prod")).rejects.toThrow(
      /^Stack prod takes settings from an environment of Pulumi ESC, .* and that fails: not logged in\./,
    );
  });
});

describe("what is planned for the clusters of settings", () => {
  const requests = (cpu: string) => ({ resources: { requests: { cpu } } });

  it("has what the settings say that the mesh's pods need", async () => {
    const [cluster] = of("in-cluster").clusters;
    const clusters = [{ ...cluster, istiod: { replicas: 3, priorityClassName: "high" } }];
    const values = { ztunnel: requests("70m") };
    play({ ...of("in-cluster"), clusters, istiod: requests("300m"), values });
    const { mesh } = await fromSettings(folder, "prod");
    const [istiod, , ztunnel] = mesh.expected.plans?.["a"]?.workloads ?? [];
    expect(istiod).toMatchObject({
      pods: 3,
      priorityClassName: "high",
      requests: { cpu: "300m", memory: "2048Mi" },
      settings: {
        resources: "istiod.resources",
        pods: "clusters[0].istiod.replicas",
        priorityClassName: "clusters[0].istiod.priorityClassName",
      },
      secret: false,
    });
    expect(ztunnel).toMatchObject({
      requests: { cpu: "70m", memory: "512Mi" },
      settings: { resources: "values.ztunnel.resources" },
    });
  });

  it.each([
    ["of which the stack's file says what is encrypted", { cpu: { secure: "v1:x" }, memory: "1Gi" }, [true, false]],
    ["of which the stack's file does not say it", undefined, [true, true]],
  ])("knows encrypted values %s", async (_, encrypted, secret) => {
    const values = { istiod: { resources: { requests: { cpu: "300m", memory: "1Gi" } } }, ztunnel: requests("70m") };
    play({ ...of("in-cluster"), values });
    const file = join(folder, "config.json");
    const config = JSON.parse(readFileSync(file, "utf8")) as Record<string, object>;
    config["flatmesh:values"] = { ...config["flatmesh:values"], secret: true };
    writeFileSync(file, JSON.stringify(config));
    if (encrypted !== undefined) {
      const inFile = { ...values, istiod: { resources: { requests: encrypted } } };
      writeFileSync(join(folder, "Pulumi.prod.yaml"), stringify({ config: { "flatmesh:values": inFile } }));
    }
    const { mesh } = await fromSettings(folder, "prod");
    const [istiod, , ztunnel] = mesh.expected.plans?.["a"]?.workloads ?? [];
    expect([istiod?.secret, ztunnel?.secret]).toEqual(secret);
  });
});
