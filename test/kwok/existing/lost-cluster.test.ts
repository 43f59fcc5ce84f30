/**
 * A cluster that is gone for good, though the stack has not made it: the steps of docs/day-2.md#a-cluster-is-gone, with clusters
 * whose API servers really stop.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Stack } from "@pulumi/pulumi/automation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FoundCluster } from "./found-cluster";

let staying: FoundCluster;
let lost: FoundCluster;
let stack: Stack;
beforeAll(async () => {
  staying = await FoundCluster.create();
  lost = await FoundCluster.create();
  stack = await staying.stack("both", settings(staying, lost));
  await stack.up();
});
afterAll(async () => {
  await staying.delete();
  await lost.delete();
});

it("is forgotten in three steps, and those that stay forget it too", async () => {
  expect(secretsOf(staying)).toContain("secret/istio-remote-secret-c2");
  await lost.stop();
  // The stack's file, as an engineer would edit it.
  await staying.stack("both", settings(staying));

  stack.workspace.envVars["PULUMI_K8S_DELETE_UNREACHABLE"] = "true";
  await expect(stack.up()).rejects.toThrow("can't delete Helm Release with unreachable cluster");
  expect(secretsOf(staying).filter((name) => name.includes("remote-secret"))).toEqual([]);
  const provider = "urn:pulumi:both::flatmesh::flatmesh:clusters:ExistingCluster$pulumi:providers:kubernetes::c2";
  await pulumi("state", "delete", "--target-dependents", "--yes", "--stack", stack.name, provider);
  await stack.up();
  const { resources = [] } = (await stack.exportStack()).deployment as { readonly resources?: readonly Resource[] };
  expect(resources.map(({ urn }) => urn).filter((urn) => /::c2(-|$)/.test(urn))).toEqual([]);
});

interface Resource {
  readonly urn: string;
}

/** Runs a command of Pulumi's that its Automation API does not have. */
async function pulumi(...args: string[]): Promise<void> {
  const { pulumiCommand, workDir, envVars, pulumiHome = "" } = stack.workspace;
  const env = { ...process.env, ...envVars, PULUMI_HOME: pulumiHome };
  await promisify(execFile)(pulumiCommand.command, args, { cwd: workDir, env });
}

function secretsOf(cluster: FoundCluster): string[] {
  return cluster.kubectl("get", "secrets", "--namespace=istio-system", "--output=name").trim().split("\n");
}

function settings(...clusters: readonly FoundCluster[]) {
  const existing = clusters.map(({ kubeconfig }, index) => ({
    name: `c${String(index + 1)}`,
    provisioner: "existing",
    kubeconfig,
    apiServer: `https://192.0.2.${String(index + 1)}:6443`,
  }));
  return {
    clusters: JSON.stringify(existing),
    distribution: "community",
  };
}
