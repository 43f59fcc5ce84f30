/**
 * `pulumi policy analyze` on the state of a mesh that another program has made, on one hub with Flux, Argo CD and a cluster of
 * Open Cluster Management: from a stack that the state was imported into, and from its file alone.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { projectFolder } from "../../rehearsal/program";
import { settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

const token = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";
const remote = JSON.stringify({
  apiVersion: "v1",
  kind: "Config",
  "current-context": "west",
  clusters: [{ name: "west", cluster: { server: "https://127.0.0.1:6443", "insecure-skip-tls-verify": true } }],
  contexts: [{ name: "west", context: { cluster: "west", user: "west" } }],
  users: [{ name: "west", user: { token } }],
});

/** What somebody has who knows nothing of these policies. */
function others(kubeconfig: string): Promise<void> {
  const provider = new k8s.Provider("hub", { kubeconfig });
  const object = (apiVersion: string, kind: string, name: string, namespace: string, more: pulumi.Inputs) =>
    new k8s.apiextensions.CustomResource(
      `${name}-${kind.toLowerCase()}`,
      { apiVersion, kind, metadata: { name, namespace }, ...more },
      { provider },
    );
  const labels = { "topology.istio.io/network": "flat" };
  new k8s.core.v1.Namespace("istio-system", { metadata: { name: "istio-system", labels } }, { provider });
  const charts = "https://istio-release.storage.googleapis.com/charts";
  object("source.toolkit.fluxcd.io/v1", "HelmRepository", "mirror", "flux-system", {
    spec: { url: "https://mirror.example.com/charts" },
  });
  const flux = (chart: string, version: string, values: object) =>
    object("helm.toolkit.fluxcd.io/v2", "HelmRelease", chart, "istio-system", {
      spec: {
        chart: {
          spec: { chart, version, sourceRef: { kind: "HelmRepository", name: "mirror", namespace: "flux-system" } },
        },
        values,
        valuesFrom: [{ kind: "ConfigMap", name: "mesh-values" }],
      },
    });
  flux("base", "1.28.5", {});
  flux("istiod", "1.28.5", { global: { network: "flat", multiCluster: { clusterName: "east" } } });
  object("argoproj.io/v1alpha1", "Application", "ztunnel", "argocd", {
    spec: {
      destination: { server: "https://kubernetes.default.svc", namespace: "istio-system" },
      source: { repoURL: charts, chart: "ztunnel", targetRevision: "1.28.4", helm: { values: "network: other\n" } },
    },
  });
  object("work.open-cluster-management.io/v1", "ManifestWork", "mesh", "west", {
    spec: {
      workload: {
        manifests: [
          {
            apiVersion: "v1",
            kind: "Namespace",
            metadata: { name: "istio-system", labels: { "istio.io/dataplane-mode": "ambient" } },
          },
          {
            apiVersion: "v1",
            kind: "Secret",
            metadata: {
              name: "istio-remote-secret-east",
              namespace: "istio-system",
              labels: { "istio/multiCluster": "true" },
            },
            stringData: { east: remote },
          },
        ],
      },
    },
  });
  new k8s.core.v1.Secret(
    "remote-secret",
    {
      metadata: {
        name: "istio-remote-secret-south",
        namespace: "istio-system",
        labels: { "istio/multiCluster": "true" },
      },
      stringData: { south: remote },
    },
    { provider },
  );
  return Promise.resolve();
}

const Event = z.looseObject({
  policyEvent: z
    .object({ resourceUrn: z.string(), policyName: z.string(), enforcementLevel: z.string(), message: z.string() })
    .optional(),
});

interface Analysis {
  readonly code: number;
  readonly output: string;
  /** `policy level resource` of each violation, sorted. */
  readonly found: readonly string[];
}

let world: World;
/** The state as `pulumi stack export` gives it, with its secrets encrypted. */
let exported: string;
beforeAll(async () => {
  world = await World.open();
  const kubeconfig = await world.found("hub");
  const stack = await TestStack.open(world, settings(), { name: "theirs", program: () => others(kubeconfig) });
  expect(await stack.up()).toMatchObject({ error: undefined });
  exported = await stack.exported();
});
afterAll(() => world.close());

/** Pulumi's CLI in a folder, with the passphrase of the state or without. */
async function pulumi_(
  folder: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = passphrase,
): Promise<Analysis> {
  const bin = join(inject("pulumiRoot"), "bin");
  const env = {
    ...process.env,
    PULUMI_HOME: inject("pulumiHome"),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Where Pulumi's own CLI has its language host.
    PATH: [join(__dirname, "policy"), bin, process.env["PATH"]].join(delimiter),
    ...environment,
  };
  return new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 2 ** 26, env };
    execFile(join(bin, "pulumi"), [...args, "--non-interactive"], options, (error, stdout, stderr) => {
      const events = stdout
        .split("\n")
        .flatMap((line) => (line.startsWith("{") ? [Event.parse(JSON.parse(line))] : []));
      resolve({
        code: error === null ? 0 : 1,
        output: `${stdout}${stderr}`,
        found: events.flatMap(({ policyEvent }) => (policyEvent ? [findingOf(policyEvent)] : [])).sort(),
      });
    });
  });
}

function findingOf({
  policyName,
  enforcementLevel,
  resourceUrn,
}: NonNullable<z.output<typeof Event>["policyEvent"]>): string {
  return [policyName, enforcementLevel, resourceUrn.split("::").at(-1)].join(" ");
}

/** A folder with a state in a file. */
async function folderWith(name: string, state: string): Promise<string> {
  const folder = join(world.folder, name);
  await mkdir(folder);
  await writeFile(join(folder, "state.json"), state);
  return folder;
}

/** A folder with a project and a backend of its own, whose stack has the state. */
async function imported(name: string): Promise<string> {
  const folder = await folderWith(name, exported);
  const project = { name: "flatmesh", runtime: "nodejs", backend: { url: `file://${folder}` } };
  await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(project));
  for (const args of [
    ["init", "theirs"],
    ["import", "--file", "state.json", "--stack", "theirs"],
  ]) {
    expect(await pulumi_(folder, ["stack", ...args])).toMatchObject({ code: 0 });
  }
  return folder;
}

const passphrase = { PULUMI_CONFIG_PASSPHRASE: "passphrase-of-a-test" };
const analyze = ["policy", "analyze", "--json", "--policy-pack", join(projectFolder, "policy")];

/** What is wrong with the mesh wherever secrets are encrypted: of charts that Flux and Argo CD install, and in the work. */
const plainly = [
  "mesh-namespaces mandatory mesh-manifestwork",
  "network-name mandatory ztunnel-application",
  "peer-gateways mandatory mesh-manifestwork",
  "peer-gateways mandatory mesh-manifestwork",
  "plain-secrets mandatory mesh-manifestwork",
  "readable-sources advisory base-helmrelease",
  "readable-sources advisory istiod-helmrelease",
  "registries mandatory base-helmrelease",
  "registries mandatory istiod-helmrelease",
  "version-skew mandatory ztunnel-application",
];
/** And in a Secret, which only those see who can decrypt it. */
const all = [...plainly, "peer-gateways mandatory remote-secret", "peer-gateways mandatory remote-secret"].sort();

describe("pulumi policy analyze", () => {
  it("judges a stack whose state was imported, secrets and all, and shows none of them", async () => {
    const run = await pulumi_(await imported("imported"), [...analyze, "--stack", "theirs"]);
    expect(run).toMatchObject({ code: 1, found: all });
    expect(run.output).not.toContain(token);
  });

  it("judges a file alone, without a stack or a backend", async () => {
    const run = await pulumi_(await folderWith("file", exported), [...analyze, "--file", "state.json"]);
    expect(run).toMatchObject({ code: 1, found: all });
  });

  it("takes what it can't decrypt for what is not known", async () => {
    const run = await pulumi_(await folderWith("closed", exported), [...analyze, "--file", "state.json"], {
      PULUMI_CONFIG_PASSPHRASE: undefined,
    });
    expect(run).toMatchObject({ code: 1, found: plainly });
    expect(run.output).toContain("analyzing with secret values redacted");
  });

  it("compares a file with no stack that happens to have its name", async () => {
    const folder = await imported("beside");
    const { deployment } = z
      .object({ deployment: z.looseObject({ resources: z.array(z.looseObject({ urn: z.string() })) }) })
      .parse(JSON.parse(exported));
    const resources = deployment.resources.filter(({ urn }) => !urn.endsWith("::base-helmrelease"));
    await writeFile(
      join(folder, "less.json"),
      JSON.stringify({ version: 3, deployment: { ...deployment, resources } }),
    );
    const run = await pulumi_(folder, [...analyze, "--file", "less.json"]);
    expect(run.found).toEqual(all.filter((one) => !one.endsWith("base-helmrelease")));
  });
});
