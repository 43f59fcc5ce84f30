/** Existing clusters that are reached by a context of the kubeconfig of whoever runs an update. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lines } from "./support/run";
import { existing, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
let folder = "";
beforeEach(async () => {
  world = await World.open();
  folder = await mkdtemp(join(tmpdir(), "flatmesh-engineers-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
  await rm(folder, { recursive: true });
});

interface Kubeconfig {
  readonly clusters: [{ name: string; cluster: Record<string, unknown> }];
  readonly users: [{ name: string; user: Record<string, unknown> }];
  readonly contexts: [{ name: string; context: Record<string, unknown> }];
}

/** Somebody whose kubeconfig is used from now on: one for each cluster, in files of their own. */
async function somebody(
  name: string,
  clusters: readonly string[],
  change: (config: Kubeconfig) => void = () => undefined,
) {
  await mkdir(join(folder, name));
  const files = clusters.map((cluster) => join(folder, name, cluster));
  for (const [index, cluster] of clusters.entries()) {
    const config = JSON.parse(await world.found(cluster)) as Kubeconfig;
    config.contexts[0].name = `to-${cluster}`;
    change(config);
    await writeFile(files[index] ?? "", JSON.stringify(config));
  }
  vi.stubEnv("KUBECONFIG", files.join(":"));
}

const byContext = (name: string, more: object = {}) => ({
  name,
  provisioner: "existing",
  context: `to-${name}`,
  ...more,
});
const community = { distribution: "community", license: "", repoKey: "", demo: false };
const uid = (value: string) =>
  ["/api/v1/namespaces/kube-system", { metadata: { name: "kube-system", uid: value } }] as const;

test("nothing of a kubeconfig enters the state, and whoever has another one for the same cluster sees no change", async () => {
  world.objects.set("a", new Map([uid("1")]));
  const own: StackSettings = settings({ ...community, clusters: [byContext("a", { apiServer: "https://10.0.0.5" })] });
  await somebody("engineer", ["a"]);
  const stack = await TestStack.open(world, own);
  expect((await stack.up()).error).toBeUndefined();
  const state = JSON.stringify(await stack.deployment());
  for (const trace of ["client-key-data", "found-a", folder, Buffer.from("client-key-of-a").toString("base64")]) {
    expect(state).not.toContain(trace);
  }
  const provider = (await stack.resources()).find(({ type }) => type === "pulumi:providers:kubernetes");
  expect(provider?.inputs).toMatchObject({ kubeconfig: "", context: "to-a", clusterIdentifier: "a" });

  await somebody("pipeline", ["a"], ({ clusters, users, contexts }) => {
    clusters[0].name = "another name";
    clusters[0].cluster["tls-server-name"] = "a.example";
    contexts[0].context["cluster"] = "another name";
    contexts[0].context["namespace"] = "another";
    users[0].user["client-key-data"] = Buffer.from("another key").toString("base64");
  });
  const plan = await stack.preview();
  expect([plan.error, lines(plan.steps)]).toEqual([undefined, []]);
  // A destroy runs no program: everything that it runs finds the cluster by this machine's kubeconfig.
  expect((await stack.destroy()).error).toBeUndefined();
  expect(await stack.resources()).toEqual([]);
});

test("a state that has a kubeconfig's text loses it by an update in place", async () => {
  const apiServer = { apiServer: "https://10.0.0.5" };
  const text = await world.found("a");
  const stack = await TestStack.open(
    world,
    settings({ ...community, clusters: [{ ...existing("a", text), ...apiServer }] }),
  );
  expect((await stack.up()).error).toBeUndefined();
  expect(JSON.stringify(await stack.deployment())).toContain("found-a");

  await somebody("engineer", ["a"]);
  await stack.configure(settings({ ...community, clusters: [byContext("a", apiServer)] }));
  const run = await stack.up();
  expect([run.error, lines(run.steps).sort()]).toEqual([
    undefined,
    ["update Command a-istio-system-namespace", "update Command a-remains", "update kubernetes a"],
  ]);
  expect(JSON.stringify(await stack.deployment())).not.toContain("found-a");
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a context that leads to another cluster is refused, before anything is made there", async () => {
  world.objects.set("a", new Map([uid("1")]));
  const own = settings({ ...community, clusters: [byContext("a", { apiServer: "https://10.0.0.5" })] });
  await somebody("engineer", ["a"]);
  const stack = await TestStack.open(world, own);
  expect((await stack.up()).error).toBeUndefined();
  world.objects.set("a", new Map([uid("2")]));
  await world.newCalls();
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toContain(
      "cluster a: context to-a of your own kubeconfig leads to another cluster than the one that has this stack's mesh: its namespace " +
        "kube-system has the UID 2 instead of 1.",
    );
  }
  expect(await world.newWork()).toEqual([]);

  // The steps of docs/existing-clusters.md#the-same-cluster-for-everybody.
  await stack.forget("urn:pulumi:test::flatmesh::flatmesh:clusters:ExistingCluster$pulumi:providers:kubernetes::a");
  const run = await stack.up();
  expect([run.error, lines(run.steps)]).toEqual([undefined, expect.arrayContaining(["create Release a-istiod"])]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a machine without the context is told which file lacks it, by the cluster's name", async () => {
  await somebody("engineer", ["b"]);
  const stack = await TestStack.open(world, settings({ ...community, clusters: [byContext("a")] }));
  const { error } = await stack.preview();
  expect(error).toContain(
    `Cluster a: your own kubeconfig (${join(folder, "engineer", "b")}) has no context to-a (known: to-b)`,
  );
});
