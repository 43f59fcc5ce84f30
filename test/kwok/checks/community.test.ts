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

/** A field of the demo's Service, as something else in the cluster applies it. */
function declaredByArgo(environment: Environment, labels: Readonly<Record<string, string>>): void {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "global-service", namespace: "demo", labels },
  };
  environment.apply("cluster-2", service, "argocd-controller");
}

it("is told what something else declares as well, which stays, and is put back once that has let go of it", async () => {
  const environment = opened();
  const keys = await readStackFile(projectFolder, "community");
  const global = () =>
    environment.get("cluster-2", "service", "global-service", "demo").metadata.labels?.["istio.io/global"];
  declaredByArgo(environment, { "istio.io/global": "false" });
  environment.transcript.told.length = 0;
  // Nor does anything else change: what was mended before stays so.
  expect(Object.keys((await environment.rehearse(keys)).changes)).toEqual(["same"]);
  expect(environment.transcript.told.join("")).toMatch(
    /Cluster cluster-2: Service demo\/global-service: .*istio.io\/global.* is false instead of true, since argocd-controller declares it as well/,
  );
  expect(global()).toBe("false");

  declaredByArgo(environment, {});
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
