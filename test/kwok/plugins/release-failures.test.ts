import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { helmRelease } from "../../../components/helm";
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
  const templates = join(bench.folder, "chart", "templates");
  mkdirSync(templates, { recursive: true });
  writeFileSync(join(bench.folder, "chart", "Chart.yaml"), "apiVersion: v2\nname: proxy\nversion: 1.2.3\n");
  writeFileSync(join(templates, "all.yaml"), template);
});
afterEach(async () => {
  await bench.close();
});

/** Its pods are on a node that is not there: what becomes of them is what the test writes into them. */
const template = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: proxy
spec:
  progressDeadlineSeconds: 600
  selector: { matchLabels: { app: proxy } }
  template:
    metadata: { labels: { app: proxy } }
    spec:
      nodeName: {{ .Values.node | quote }}
      hostNetwork: {{ .Values.hostNetwork }}
      containers:
        - name: main
          image: "registry.example/proxy:1"
          env: [{ name: LICENSE, value: {{ .Values.license | quote }} }]
`;

const license = "very-hidden-licence";

/** The program's release in a namespace, which waits 25 seconds. */
function release(namespace: string, values: Record<string, unknown> = {}) {
  return () => {
    const kubeconfig = pulumi.secret(cluster.kubeconfig);
    const provider = new k8s.Provider("cluster", { kubeconfig });
    const context = cluster.kubectl("config", "current-context").trim();
    const secret = pulumi.secret(license);
    helmRelease(
      `${namespace}-proxy`,
      {
        cluster: { clusterName: "east", existingCluster: true, access: { kubeconfig, context } },
        name: "proxy",
        namespace,
        chart: { chart: join(bench.folder, "chart"), version: "1.2.3" },
        values: { node: "nowhere", hostNetwork: false, ...values, license: secret },
        secrets: [secret],
        timeoutSeconds: 25,
      },
      { provider },
    );
    return Promise.resolve({});
  };
}

/** What an update that must fail prints, while pods of the release are given this status. */
async function failure(namespace: string, status?: object, values: Record<string, unknown> = {}): Promise<string> {
  const playing = status && playStatus(namespace, status);
  try {
    return await bench.failure(release(namespace, values));
  } finally {
    playing?.();
  }
}

/** Writes a status into every pod of a namespace again and again, in a process of its own. Returns what ends it. */
function playStatus(namespace: string, status: object): () => void {
  const kubectl = `kubectl --kubeconfig "$CONFIG" -n ${namespace}`;
  const script =
    `while sleep 0.5; do for pod in $(${kubectl} get pods -o name); do ` +
    `${kubectl} patch "$pod" --subresource=status --patch "$PATCH"; done; done`;
  const env = { ...process.env, CONFIG: cluster.kubeconfigFile, PATCH: JSON.stringify({ status }) };
  const child = spawn("bash", ["-c", script], { env, stdio: "ignore", detached: true });
  return () => {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  };
}

/** That nothing is left that the next attempt would stumble over, and nothing secret was said. */
function expectClean(namespace: string, message: string): void {
  expect(message).toContain(`Cluster east: Helm release ${namespace}/proxy failed to install.`);
  expect(message).toContain("Helm has uninstalled the release: once the cause is mended, run pulumi up again.");
  expect(message).toContain("See docs/troubleshooting.md#a-helm-release-fails");
  expect(message).not.toContain(license);
  // Of any status: Helm 4 has no flag for that.
  const any = ["--deployed", "--failed", "--pending", "--uninstalling"];
  expect(cluster.helm("list", ...any, "--namespace", namespace, "--short")).toBe("");
}

test("a release whose pods a quota forbids says which, and what it lacks", async () => {
  cluster.kubectl("create", "namespace", "full");
  cluster.kubectl("create", "quota", "small", "--hard=pods=0", "-n", "full");
  const message = await failure("full");
  expectClean("full", message);
  expect(message).toContain(
    "- Deployment proxy: its pods can't be made: quota small is used up: it needs pods=1, pods=0 of pods=0 is in use.",
  );
  expect(message).toContain("kubectl describe quota small -n full");
});

test("a release whose pods PodSecurity forbids says so, with the command that admits them", async () => {
  cluster.kubectl("create", "namespace", "strict");
  cluster.kubectl("label", "namespace", "strict", "pod-security.kubernetes.io/enforce=baseline");
  const message = await failure("strict", undefined, { hostNetwork: true });
  expectClean("strict", message);
  expect(message).toContain(
    "PodSecurity baseline:latest of namespace strict forbids it: host namespaces (hostNetwork=true)",
  );
  expect(message).toContain("kubectl label namespace strict pod-security.kubernetes.io/enforce=privileged --overwrite");
});

test("a release whose image can't be pulled names image and reason", async () => {
  cluster.kubectl("create", "namespace", "pull");
  const why = `failed to resolve reference: https://robot:${license}@registry.example: 401 Unauthorized`;
  const waiting = { reason: "ErrImagePull", message: why };
  const containers = [{ name: "main", image: "", imageID: "", ready: false, restartCount: 0, state: { waiting } }];
  const message = await failure("pull", { phase: "Pending", containerStatuses: containers });
  expectClean("pull", message);
  expect(message).toContain(
    "- Deployment proxy: image registry.example/proxy:1 can't be pulled: the registry refuses it",
  );
});

test("a release whose pod crashes says with what", async () => {
  cluster.kubectl("create", "namespace", "crash");
  const terminated = { exitCode: 3, reason: "Error", message: `license ${license} is expired` };
  const waiting = { reason: "CrashLoopBackOff", message: "back-off 10s restarting failed container" };
  const containers = [
    {
      name: "main",
      image: "",
      imageID: "",
      ready: false,
      restartCount: 4,
      state: { waiting },
      lastState: { terminated },
    },
  ];
  const message = await failure("crash", { phase: "Running", containerStatuses: containers });
  expectClean("crash", message);
  expect(message).toContain(
    "- Deployment proxy: container main crashes with exit code 3 (4 restarts): it does not accept its licence.",
  );
});

test("a release that an API server refuses at once says why, too", async () => {
  cluster.kubectl("create", "namespace", "taken");
  cluster.kubectl("create", "deployment", "proxy", "--image=other", "--replicas=0", "-n", "taken");
  const message = await failure("taken");
  expect(message).toContain("- Deployment proxy exists already, and no Helm release has it.");
  expect(message).toContain("kubectl delete deployment proxy -n taken");
});
