import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Workbench } from "../../engine/plugins/workbench";
import { TestCluster } from "./cluster";

let cluster: TestCluster;
let bench: Workbench;
beforeAll(async () => {
  cluster = await TestCluster.create();
});
afterAll(async () => {
  await cluster.delete();
});
beforeEach(async () => {
  bench = await Workbench.open();
  mkdirSync(join(bench.folder, "chart", "templates"), { recursive: true });
  writeFileSync(
    join(bench.folder, "chart", "Chart.yaml"),
    "apiVersion: v2\nname: hello\nversion: 1.2.3\nappVersion: v9\n",
  );
  writeFileSync(join(bench.folder, "chart", "templates", "all.yaml"), TEMPLATE);
});
afterEach(async () => {
  await bench.close();
});

const TEMPLATE = `
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  greeting: {{ .Values.greeting | quote }}
  {{- if .Values.fail }}
  {{- fail (printf "no chart with %s" .Values.license) }}
  {{- end }}
{{- if .Values.wait }}
---
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers: [{ name: never, image: "nowhere/never:1" }]
{{- end }}
`;

const release =
  (values: Record<string, pulumi.Input<unknown>>, args: Partial<k8s.helm.v3.ReleaseArgs> = {}) =>
  () => {
    const provider = new k8s.Provider("cluster", { kubeconfig: pulumi.secret(cluster.kubeconfig) });
    const made = new k8s.helm.v3.Release(
      "hello",
      {
        name: "hello",
        namespace: "greetings",
        createNamespace: true,
        chart: join(bench.folder, "chart"),
        values: { license: pulumi.secret("very-hidden"), ...values },
        ...args,
      },
      { provider },
    );
    return Promise.resolve({ status: made.status });
  };

function greeting(): string {
  return cluster.kubectl("get", "configmap", "hello", "-n", "greetings", "-o", "jsonpath={.data.greeting}");
}

test("a release is installed, stays silent, is upgraded, refreshed and uninstalled; its secret values stay secret", async () => {
  expect(await bench.preview(release({ greeting: "hello" }))).toEqual({ create: 3 });
  const { outputs } = await bench.up(release({ greeting: "hello" }));
  expect(outputs.status).toEqual({
    name: "hello",
    namespace: "greetings",
    revision: 1,
    status: "deployed",
    chart: "hello",
    version: "1.2.3",
    appVersion: "v9",
  });
  expect(greeting()).toBe("hello");
  expect(await bench.preview(release({ greeting: "hello" }))).toEqual({ same: 3 });

  const upgraded = await bench.up(release({ greeting: "bye" }));
  expect(upgraded.changes).toEqual({ same: 2, update: 1 });
  expect(upgraded.outputs.status).toMatchObject({ revision: 2 });
  expect(greeting()).toBe("bye");
  await bench.refresh();
  expect(await bench.preview(release({ greeting: "bye" }))).toEqual({ same: 3 });
  expect(await bench.preview(release({ greeting: "bye" }, { name: "other" }))).toEqual({ same: 2, replace: 1 });

  expect(cluster.helm("get", "values", "hello", "-n", "greetings")).toContain("very-hidden");
  expect(await bench.stateText()).not.toContain("very-hidden");
  await bench.destroy();
  expect(cluster.helm("list", "--namespace", "greetings", "--short")).toBe("");
});

test("a release that was uninstalled by hand comes back after a refresh", async () => {
  await bench.up(release({ greeting: "hello" }));
  cluster.helm("uninstall", "hello", "--namespace", "greetings");
  expect(await bench.refresh()).toEqual({ same: 2, delete: 1 });
  expect((await bench.up(release({ greeting: "hello" }))).changes).toEqual({ same: 2, create: 1 });
  await bench.destroy();
});

test("a chart that fails to render tells so without the secret, and leaves no release", async () => {
  const message = await bench.failure(release({ fail: true }));
  expect(message).toContain("no chart with [secret]");
  expect(message).not.toContain("very-hidden");
  expect(cluster.helm("list", "--namespace", "greetings", "--short")).toBe("");
});

test("a missing chart is found before anything is made", async () => {
  expect(await bench.failure(release({}, { chart: "/no/such/chart" }))).toContain("check the chart name");
  expect(cluster.helm("list", "--namespace", "greetings", "--short")).toBe("");
});

test("a release that does not become ready is kept as failed, and the next update upgrades it", async () => {
  const message = await bench.failure(release({ greeting: "hello", wait: true }, { timeout: 2 }));
  expect(message).toContain("Helm release greetings/hello was created, but failed to initialize completely");
  expect(cluster.helm("list", "--namespace", "greetings", "--failed", "--short")).toBe("hello\n");
  const { changes, outputs } = await bench.up(release({ greeting: "hello" }));
  expect(changes).toEqual({ same: 2, update: 1 });
  expect(outputs.status).toMatchObject({ revision: 2, status: "deployed" });
  await bench.destroy();
});

test("as with Pulumi's plugin, a release of the name that the state does not know is an error", async () => {
  cluster.helm("install", "hello", join(bench.folder, "chart"), "--namespace", "greetings", "--create-namespace");
  const message = await bench.failure(release({ greeting: "hello" }));
  expect(message).toMatch(/cannot re-?use a name that is still in use/);
  expect(await bench.stateText()).not.toContain("helm.sh/v3:Release");
  cluster.helm("uninstall", "hello", "--namespace", "greetings");
});

/** Leaves a release as it is when whoever runs helm is killed in the middle. */
async function killedInTheMiddle(command: "install" | "upgrade"): Promise<void> {
  const place = ["--namespace", "greetings"];
  const args = ["--kubeconfig", cluster.kubeconfigFile, command, "hello", join(bench.folder, "chart"), ...place];
  const create = command === "install" ? ["--create-namespace"] : [];
  const child = spawn("helm", [...args, ...create, "--wait", "--set", "wait=true"], { stdio: "ignore" });
  await vi.waitFor(
    () => {
      expect(cluster.helm("list", "--pending", "--short", ...place)).toBe("hello\n");
    },
    { timeout: 30_000, interval: 100 },
  );
  child.kill("SIGKILL");
}

test("as with Pulumi's plugin, an interrupted install or upgrade makes every further one fail", async () => {
  await killedInTheMiddle("install");
  expect(await bench.failure(release({ greeting: "hello" }))).toMatch(/cannot re-?use a name that is still in use/);
  expect(await bench.failure(release({ greeting: "hello" }, { replace: true }))).toMatch(/cannot re-?use a name/);
  cluster.helm("uninstall", "hello", "--namespace", "greetings");

  await bench.up(release({ greeting: "hello" }));
  await killedInTheMiddle("upgrade");
  const message = await bench.failure(release({ greeting: "bye" }));
  expect(message).toMatch(/another operation \(install\/upgrade\/rollback\) is in progress/);
  await bench.destroy();
});
