import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from "vitest";
import { takeOver } from "../../../components/clusters/interrupted";
import { objectFailures } from "../../../components/clusters/object-failures";
import { ApiServer, ownAccess, recreateInPlace } from "../../../kubernetes";
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
});
afterEach(async () => {
  await bench.destroy();
  await bench.close();
});

/** A program in the test cluster; what it returns are outputs. */
const inCluster =
  (make: (options: pulumi.CustomResourceOptions) => Record<string, unknown>, args: k8s.ProviderArgs = {}) =>
  () => {
    const kubeconfig = pulumi.secret(cluster.kubeconfig);
    const provider = new k8s.Provider("cluster", { kubeconfig, clusterIdentifier: "test", ...args });
    return Promise.resolve(make({ provider }));
  };

const namespace = (name: string, options: pulumi.CustomResourceOptions, labels = {}) =>
  new k8s.core.v1.Namespace(name, { metadata: { name, labels } }, options);

test("objects come, stay silent, change in place and go", async () => {
  const program = (greeting: string) =>
    inCluster((options) => {
      const ns = namespace("plain", options, { greeting });
      const inside = { ...options, dependsOn: ns };
      const account = new k8s.core.v1.ServiceAccount("sa", { metadata: { name: "sa", namespace: "plain" } }, inside);
      const service = new k8s.core.v1.Service(
        "svc",
        { metadata: { name: "svc", namespace: "plain" }, spec: { clusterIP: "None", ports: [{ port: 80 }] } },
        inside,
      );
      return { uid: account.metadata.uid, type: service.spec.type, namespaced: account.id };
    });
  expect(await bench.preview(program("hello"))).toEqual({ create: 5 });
  const { outputs } = await bench.up(program("hello"));
  expect(outputs.type).toBe("ClusterIP");
  expect(outputs.namespaced).toBe("plain/sa");
  expect(outputs.uid).toBe(cluster.kubectl("get", "sa", "sa", "-n", "plain", "-o", "jsonpath={.metadata.uid}"));

  expect(await bench.preview(program("hello"))).toEqual({ same: 5 });
  expect((await bench.up(program("bye"))).changes).toEqual({ same: 4, update: 1 });
  expect(cluster.kubectl("get", "ns", "plain", "-o", "jsonpath={.metadata.labels.greeting}")).toBe("bye");
  expect(await bench.preview(program("bye"))).toEqual({ same: 5 });
  await bench.destroy();
  expect(cluster.kubectl("get", "ns", "plain", "--ignore-not-found")).toBe("");
});

test("a field that is no longer asked for goes, and another's field stays", async () => {
  const program = (labels: Record<string, string>) =>
    inCluster((options) => ({ id: namespace("fields", options, labels).id }));
  await bench.up(program({ one: "1", two: "2" }));
  cluster.kubectl("label", "ns", "fields", "theirs=3");
  await bench.up(program({ one: "1" }));
  const labels = JSON.parse(cluster.kubectl("get", "ns", "fields", "-o", "jsonpath={.metadata.labels}")) as object;
  expect(labels).toEqual({ one: "1", theirs: "3", "kubernetes.io/metadata.name": "fields" });
});

test("refresh sees what was changed and what was deleted by hand; the next update repairs both", async () => {
  const program = inCluster((options) => {
    const ns = namespace("drift", options, { ours: "yes" });
    const data = { metadata: { name: "config", namespace: "drift" }, data: { key: "value" } };
    return { id: new k8s.core.v1.ConfigMap("config", data, { ...options, dependsOn: ns }).id };
  });
  await bench.up(program);
  cluster.kubectl("label", "ns", "drift", "ours=no", "--overwrite", "--field-manager=kubectl");
  cluster.kubectl("delete", "configmap", "config", "-n", "drift");
  expect(await bench.refresh()).toEqual({ same: 2, update: 1, delete: 1 });
  expect((await bench.up(program)).changes).toEqual({ same: 2, update: 1, create: 1 });
  expect(cluster.kubectl("get", "ns", "drift", "-o", "jsonpath={.metadata.labels.ours}")).toBe("yes");
});

test("what is gone can't be changed, nor the change be previewed, before a refresh", async () => {
  const program = (greeting: string) => inCluster((options) => ({ id: namespace("lost", options, { greeting }).id }));
  await bench.up(program("hello"));
  cluster.kubectl("delete", "ns", "lost");
  expect(await bench.failure(program("goodbye"))).toMatch(/namespaces "lost" not found/);
  await expect(bench.preview(program("goodbye"))).rejects.toThrow(/namespaces "lost" not found/);
});

test("a field that another manager changed is a conflict, unless the object says otherwise", async () => {
  const program = (annotations: Record<string, string>) =>
    inCluster((options) => {
      const metadata = { name: "contested", labels: { ours: "yes" }, annotations };
      return { id: new k8s.core.v1.Namespace("contested", { metadata }, options).id };
    });
  await bench.up(program({}));
  cluster.kubectl("label", "ns", "contested", "ours=no", "--overwrite", "--field-manager=somebody");
  await bench.refresh();
  expect(await bench.failure(program({}))).toMatch(
    /server-side apply field conflict detected.*conflict with "somebody"/,
  );
  await bench.up(program({ "pulumi.com/patchForce": "true" }));
  expect(cluster.kubectl("get", "ns", "contested", "-o", "jsonpath={.metadata.labels.ours}")).toBe("yes");
});

test("a Secret's changed contents make a new one in its place, and are never readable in the state", async () => {
  const program = (key: string) =>
    inCluster((options) => {
      const args = { metadata: { name: "held", namespace: "default" }, stringData: { key } };
      return { uid: new k8s.core.v1.Secret("held", args, options).metadata.uid };
    });
  const before = await bench.up(program("very-hidden"));
  const after = await bench.up(program("also-hidden"));
  expect(after.changes).toEqual({ same: 2, replace: 1 });
  expect(after.outputs.uid).not.toBe(before.outputs.uid);
  const data = cluster.kubectl("get", "secret", "held", "-o", "jsonpath={.data.key}");
  expect(Buffer.from(data, "base64").toString()).toBe("also-hidden");
  const state = await bench.stateText();
  expect(state).not.toContain(data);
  expect(state).not.toContain("also-hidden");
  expect(state).not.toContain("client-certificate");
});

test("an object that somebody else made is not taken over silently; a patch changes it, and gives it back", async () => {
  cluster.kubectl("create", "namespace", "theirs");
  const clash = inCluster((options) => ({ id: namespace("theirs", options).id }));
  expect(await bench.failure(clash)).toContain("already exists in the cluster");
  const patch = inCluster((options) => ({
    id: new k8s.core.v1.NamespacePatch("patch", { metadata: { name: "theirs", labels: { lent: "yes" } } }, options).id,
  }));
  await bench.up(patch);
  expect(cluster.kubectl("get", "ns", "theirs", "-o", "jsonpath={.metadata.labels.lent}")).toBe("yes");
  await bench.destroy();
  expect(cluster.kubectl("get", "ns", "theirs", "-o", "jsonpath={.metadata.labels.lent}")).toBe("");
});

test("what exists already is created once it is deleted by the command that the message names", async () => {
  cluster.kubectl("create", "namespace", "taken");
  const program = inCluster((options) => {
    const access = () => Promise.resolve(ownAccess(cluster.kubeconfig, "the test's kubeconfig", undefined));
    const failures = objectFailures("failures", { clusterName: "a", access });
    return { id: namespace("taken", { ...options, hooks: { onError: [failures] } }).id };
  });
  const message = await bench.failure(program);
  expect(message).toContain("Cluster a: Namespace taken failed to create.");
  const [, command = ""] = /kubectl (delete [\w /-]+)/.exec(message) ?? [];
  cluster.kubectl(...command.trim().split(" "));
  await bench.up(program);
});

test("what a killed create has left is taken over, with other settings than then as well, by a provider that may", async () => {
  // As the provider creates: nothing else says that it did.
  cluster.kubectl("create", "namespace", "left", "--field-manager=pulumi-kubernetes");
  cluster.kubectl("label", "namespace", "left", "of=then", "old=yes", "--field-manager=pulumi-kubernetes");
  const uid = cluster.kubectl("get", "ns", "left", "-o", "jsonpath={.metadata.uid}");
  const program = (prepare: boolean) =>
    inCluster(
      (options) => {
        const access = ownAccess(cluster.kubeconfig, "the test's kubeconfig", undefined);
        const hook = new pulumi.ResourceHook("recreate", async ({ newInputs }) => {
          if (prepare) {
            await recreateInPlace(await ApiServer.open(access), newInputs as Record<string, unknown>);
          }
        });
        return { uid: namespace("left", { ...options, hooks: { beforeCreate: [hook] } }, { of: "now" }).metadata.uid };
      },
      { upsertExistingObjects: true },
    );
  expect(await bench.failure(program(false))).toContain("server-side apply field conflict detected");
  expect((await bench.up(program(true))).outputs.uid).toBe(uid);
  const labels = JSON.parse(cluster.kubectl("get", "ns", "left", "-o", "jsonpath={.metadata.labels}")) as object;
  expect(labels).toEqual({ "kubernetes.io/metadata.name": "left", of: "now" });
  expect(await bench.preview(program(true))).not.toHaveProperty("update");
});

test("a list of a killed create's object is taken over, to whose entries the API server has added something", async () => {
  const spec = { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] };
  const metadata = { name: "left", namespace: "default" };
  const object = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec };
  const file = join(dirname(cluster.kubeconfigFile), "left.json");
  writeFileSync(file, JSON.stringify(object));
  cluster.kubectl("create", "-f", file, "--field-manager=pulumi-kubernetes");
  const program = inCluster(
    (options) => {
      const access = () => Promise.resolve(ownAccess(cluster.kubeconfig, "the test's kubeconfig", undefined));
      const made = new Set(["kubernetes:networking.k8s.io/v1:NetworkPolicy left"]);
      const hooks = { beforeCreate: [takeOver("take-over-list", { upsert: true, made }, access)] };
      return { id: new k8s.networking.v1.NetworkPolicy("left", { metadata, spec }, { ...options, hooks }).id };
    },
    { upsertExistingObjects: true },
  );
  await bench.up(program);
  expect(await bench.preview(program)).not.toHaveProperty("update");
});

test("what is still being deleted is waited for, and not taken over, by a provider that may take objects over", async () => {
  const going = ["configmap", "going", "-n", "default"];
  cluster.kubectl("create", ...going);
  cluster.kubectl("patch", ...going, "--type=merge", "-p", '{"metadata":{"finalizers":["example.org/hold"]}}');
  const uid = cluster.kubectl("get", ...going, "-o", "jsonpath={.metadata.uid}");
  cluster.kubectl("delete", ...going, "--wait=false");
  setTimeout(() => {
    cluster.kubectl("patch", ...going, "--type=merge", "-p", '{"metadata":{"finalizers":null}}');
  }, 5000);
  const program = inCluster(
    (options) => {
      const access = () => Promise.resolve(ownAccess(cluster.kubeconfig, "the test's kubeconfig", undefined));
      const hook = takeOver("take-over", { upsert: true, made: new Set() }, access);
      const metadata = { name: "going", namespace: "default" };
      const hooks = { beforeCreate: [hook] };
      return { uid: new k8s.core.v1.ConfigMap("going", { metadata }, { ...options, hooks }).metadata.uid };
    },
    { upsertExistingObjects: true },
  );
  const { outputs } = await bench.up(program);
  expect(outputs.uid).not.toBe(uid);
  expect(cluster.kubectl("get", ...going, "-o", "jsonpath={.metadata.uid}")).toBe(outputs.uid);
});

const definition = (options: pulumi.CustomResourceOptions) =>
  new k8s.apiextensions.v1.CustomResourceDefinition(
    "widgets",
    {
      metadata: {
        name: "widgets.example.org",
        annotations: { "pulumi.com/waitFor": "condition=Established" },
      },
      spec: {
        group: "example.org",
        scope: "Namespaced",
        names: { kind: "Widget", plural: "widgets", singular: "widget" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            subresources: { status: {} },
            schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
          },
        ],
      },
    },
    options,
  );

const widget = (name: string, options: pulumi.CustomResourceOptions, annotations?: Record<string, string>) =>
  new k8s.apiextensions.CustomResource(
    name,
    { apiVersion: "example.org/v1", kind: "Widget", metadata: { name, namespace: "default", annotations } },
    options,
  );

test("a custom resource is made right after its definition, and one that does not become ready is kept and tried again", async () => {
  const program = (timeoutSeconds: string) =>
    inCluster((options) => {
      const dependsOn = definition(options);
      widget("quick", { ...options, dependsOn });
      const annotations = {
        "pulumi.com/waitFor": "jsonpath={.status.phase}=Done",
        "pulumi.com/timeoutSeconds": timeoutSeconds,
      };
      return { id: widget("slow", { ...options, dependsOn }, annotations).id };
    });
  const message = await bench.failure(program("1"));
  expect(message).toContain("Widget default/slow was written, but did not become ready");
  expect(message).toContain("{.status.phase}=Done selects nothing");
  expect(await bench.stateText()).toContain("default/slow");

  cluster.kubectl(
    "patch",
    "widget",
    "slow",
    "--subresource=status",
    "--type=merge",
    "-p",
    '{"status":{"phase":"Done"}}',
  );
  expect((await bench.up(program("60"))).changes).toEqual({ same: 4, update: 1 });
  expect(await bench.preview(program("60"))).toEqual({ same: 5 });
});

test("a cluster that can't be reached: the plan works, the update says why, and the state can be emptied", async () => {
  const gone = cluster.kubeconfig.replace(/(server: https:\/\/[^:]+):\d+/, "$1:1");
  const program = inCluster((options) => ({ id: namespace("gone", options).id }), { kubeconfig: pulumi.secret(gone) });
  expect(await bench.preview(program)).toEqual({ create: 3 });
  expect(await bench.failure(program)).toContain("configured Kubernetes cluster is unreachable");

  await bench.up(inCluster((options) => ({ id: namespace("left", options).id })));
  const lost = (args: k8s.ProviderArgs) =>
    inCluster(() => ({}), { kubeconfig: pulumi.secret(gone), clusterIdentifier: "test", ...args });
  expect(await bench.failure(lost({}))).toContain("PULUMI_K8S_DELETE_UNREACHABLE");
  expect((await bench.up(lost({ deleteUnreachable: true }))).changes).toMatchObject({ delete: 1 });
  cluster.kubectl("delete", "namespace", "left");
});

test("an object can be imported", async () => {
  cluster.kubectl("create", "serviceaccount", "adopted");
  const program = (options: pulumi.CustomResourceOptions) =>
    inCluster((base) => ({
      id: new k8s.core.v1.ServiceAccount(
        "adopted",
        { metadata: { name: "adopted", namespace: "default" } },
        { ...base, ...options },
      ).id,
    }));
  expect((await bench.up(program({ import: "default/adopted" }))).changes).toMatchObject({ import: 1 });
  expect(await bench.preview(program({}))).toEqual({ same: 3 });
});
