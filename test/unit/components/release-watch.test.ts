import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { failureMessage } from "../../../components/clusters";
import { ReleaseWatch } from "../../../components/release-watch";
import { ownAccess } from "../../../kubernetes";
import { FakeApiServer } from "../../support/fake-api-server";
import { container, daemonSet, pod } from "../kubernetes/failures/namespace";
import { kubeconfigText } from "./mocks";

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.open();
});
afterEach(() => {
  server.close();
});

const base = "/api/v1/namespaces/istio-system";
const license = "licence-that-is-hidden";
const crash = container(
  { waiting: { reason: "CrashLoopBackOff", message: "back-off" } },
  { restartCount: 2, lastState: { terminated: { exitCode: 1, reason: "Error" } } },
);

/** What Helm's record of the release says. */
function record(...statuses: readonly string[]): void {
  const items = statuses.map((status, index) => ({ metadata: { labels: { status, version: String(index + 1) } } }));
  server.objects.set(`${base}/secrets?labelSelector=owner=helm,name=ztunnel`, { items });
}

function pods(items: readonly object[]): void {
  server.objects.set(`${base}/pods?limit=500`, { items });
}

function watch(tell = vi.fn()): ReleaseWatch {
  const text = kubeconfigText("it").replace("https://127.0.0.1:6443", server.url);
  const access = () => Promise.resolve(ownAccess(text, "a test's kubeconfig", "it"));
  const release = { name: "ztunnel", namespace: "istio-system" };
  return new ReleaseWatch(access, release, tell, { first: 1, between: 20, tell: 100 });
}

it("remembers what was wrong before Helm undid it, with the last lines of what crashed, and tells once while it waits", async () => {
  record("superseded", "pending-upgrade");
  server.objects.set("/apis/apps/v1/namespaces/istio-system/daemonsets?limit=500", { items: [daemonSet(1)] });
  pods([pod("ztunnel-a", crash)]);
  const log = `${base}/pods/ztunnel-a/log?container=istio-proxy&tailLines=15&limitBytes=8192`;
  server.objects.set(`${log}&previous=true`, `no connection with ${license}`);
  const tell = vi.fn();
  const watched = watch(tell);
  watched.start();
  await vi.waitFor(
    () => {
      expect(tell).toHaveBeenCalledTimes(1);
    },
    { timeout: 40_000 },
  );

  record("superseded", "failed");
  pods([]);
  await sleep(200);
  await watched.stop();
  expect(tell).toHaveBeenCalledTimes(1);
  expect(watched.findings).toMatchObject([
    { workload: "DaemonSet ztunnel", log: { pod: "ztunnel-a", container: "istio-proxy" } },
  ]);
  const message = failureMessage({
    what: "Cluster a: Helm release istio-system/ztunnel failed to upgrade",
    findings: watched.findings,
    cause: undefined,
    otherwise: undefined,
    secrets: [license],
  });
  expect(message).toBe(
    [
      "Cluster a: Helm release istio-system/ztunnel failed to upgrade.",
      "- DaemonSet ztunnel: container istio-proxy crashes with exit code 1 (2 restarts).",
      "  Its last lines say why; mend that and run pulumi up again.",
      "  Last lines of ztunnel-a/istio-proxy:",
      '    "no connection with [secret]"',
      "See docs/troubleshooting.md#a-helm-release-fails",
    ].join("\n"),
  );
});

it("looks again when an API server did not answer, and ends when it is stopped", async () => {
  const watched = watch();
  record("pending-install");
  server.objects.set("/apis/apps/v1/namespaces/istio-system/daemonsets?limit=500", { items: "none of this" });
  watched.start();
  await sleep(100);
  server.objects.set("/apis/apps/v1/namespaces/istio-system/daemonsets?limit=500", { items: [daemonSet(1)] });
  pods([pod("ztunnel-a", crash)]);
  await vi.waitFor(
    () => {
      expect(watched.findings).toHaveLength(1);
    },
    { timeout: 40_000 },
  );
  await watched.stop();
});

it("what a log has that commands a terminal or CI is shown escaped, and only its last lines", () => {
  const text = Array.from({ length: 40 }, (_, index) => `line ${String(index)}`).join("\n");
  const log = { pod: "a", container: "b", text: `${text}\n::error::boom\u001b[2J\n-----BEGIN PRIVATE KEY-----\nMIIE` };
  const findings = [{ workload: "DaemonSet ztunnel", reason: "r", remedy: "m", log }];
  const message = failureMessage({ what: "It failed", findings, cause: undefined, otherwise: undefined, secrets: [] });
  expect(message).toContain("\n    \\x3a:error::boom\\x1b[2J\n    [secret]\n");
  expect(message).not.toContain("line 30\n");
  expect(message).not.toContain("MIIE");
});

it("nothing is said where nothing is known", () => {
  const nothing = { what: "It failed", findings: [], cause: undefined, secrets: [] };
  expect(failureMessage({ ...nothing, otherwise: undefined })).toBeUndefined();
  expect(failureMessage({ ...nothing, otherwise: "Look there." })).toContain("It failed.\nLook there.");
});
