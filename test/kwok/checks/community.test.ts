/** The checks of the licence-free distribution, over the rehearsal of Pulumi.community.yaml. */
import { expect, it } from "vitest";
import { type CheckResult, fromRehearsal, prechecks, runChecks } from "../../../checks";
import { projectFolder } from "../../../rehearsal/program";
import { readStackFile } from "../../../rehearsal/stack-file";
import type { Environment } from "../environment";
import { commandsIn } from "./commands";
import { communityGlobalServiceFaults } from "./global-services";
import { remoteSecretFaults } from "./remote-secrets";
import { sourceAddressFaults } from "./source-addresses";
import { testChecks } from "./suite";
import { communityUpdates } from "./updates";

const opened = testChecks(
  "community",
  /which its API server accepts$/,
  [...remoteSecretFaults, ...communityGlobalServiceFaults, ...sourceAddressFaults],
  communityUpdates,
);

/** The demo's Service, with what something else in the cluster applies to it. */
function appliedByArgo(environment: Environment, metadata: object = {}): void {
  const named = { ...metadata, name: "global-service", namespace: "demo" };
  environment.apply("cluster-2", { apiVersion: "v1", kind: "Service", metadata: named }, "argocd-controller");
}

it("leave what something else declares as well to it, and an update puts it back once that has let go of it", async () => {
  const environment = opened();
  const { keys } = await readStackFile(projectFolder, "community");
  const global = () =>
    environment.get("cluster-2", "service", "global-service", "demo").metadata.labels?.["istio.io/global"];
  appliedByArgo(environment, { labels: { "istio.io/global": "false" } });
  // Nor does anything else change: what was mended before stays so.
  expect(Object.keys((await environment.rehearse(keys)).changes)).toEqual(["same"]);
  expect(global()).toBe("false");

  appliedByArgo(environment);
  expect((await environment.rehearse(keys)).changes).toMatchObject({ update: 1 });
  expect(global()).toBe("true");
});

/** What the prechecks of another mesh make of the first cluster. */
async function precheck({ folder }: Environment): Promise<readonly CheckResult[]> {
  const { mesh } = fromRehearsal(folder, "community");
  const chosen = prechecks.filter(({ id }) => id === "control-planes" || id === "definitions");
  return runChecks(chosen, { clusters: mesh.clusters.slice(0, 1), expected: {} });
}

it("find another mesh beforehand, and none when their commands have removed it", async () => {
  const environment = opened();
  environment.apply("cluster-1", {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "istio-sidecar-injector-old" },
  });
  // First istiod itself, then what it leaves.
  for (const found of [/^an Istio control plane is already installed/, /^webhook .*-old of Istio exists without/]) {
    const findings = (await precheck(environment)).flatMap((result) => result.findings);
    expect(findings.map(({ message }) => message)).toContainEqual(expect.stringMatching(found));
    findings.flatMap(({ remedy = "" }) => commandsIn(remedy)).forEach((command) => environment.shell(command));
  }
  expect((await precheck(environment)).map(({ id, status }) => [id, status])).toEqual([
    ["definitions", "passed"],
    ["control-planes", "passed"],
  ]);
});
