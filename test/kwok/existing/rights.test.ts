/** The two roles of rbac/ are what a preview and an update need, and no less: stacks run as accounts that have nothing else. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";
import { projectFolder } from "../../../rehearsal/program";
import { changes, FoundCluster } from "./found-cluster";

let cluster: FoundCluster;
beforeAll(async () => {
  cluster = await FoundCluster.create();
  for (const file of ["preview", "update"]) {
    const documents = parseAllDocuments(readFileSync(join(projectFolder, "rbac", `${file}.yaml`), "utf8"));
    cluster.apply(...documents.map((document) => document.toJS() as object));
    cluster.kubectl("create", "serviceaccount", file, "--namespace=default");
    bind(`clusterrolebinding`, `flatmesh-${file}`, file);
  }
  // With Calico, its pools are read as well.
  cluster.apply(calico);
});
afterAll(() => cluster.delete());

const labels = { app: "calico-node" };
const calico = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "calico-node", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: "calico-node", image: "calico" }] } },
  },
};

it("an update comes up, is seen by a preview, and goes, by their roles alone", async () => {
  const before = await cluster.everythingSettled();
  // Of Secrets, the role may read none yet: the namespaces are not there.
  const first = await cluster.stack("rights", settings("preview"));
  const { stdout: planned } = await first.preview();
  expect(planned).not.toMatch(/Cluster found:/);

  const stack = await cluster.stack("rights", settings("update"));
  cluster.playControllers();
  const { stdout } = await stack.up();
  expect(stdout).not.toMatch(/Cluster found:/);

  for (const namespace of ["istio-system", "istio-eastwest"]) {
    bind("rolebinding", "flatmesh-preview-secrets", "preview", `--namespace=${namespace}`);
  }
  await cluster.stack("rights", settings("preview"));
  const second = await stack.preview({ refresh: true });
  expect(second.stdout).not.toMatch(/Cluster found:/);
  // The provider has other credentials, and so differs; nothing in the cluster does.
  expect(Object.keys(changes(second)).sort()).toEqual(["same", "update"]);

  // Namespaces stay with what somebody else has put into them.
  for (const namespace of ["istio-system", "istio-eastwest"]) {
    cluster.kubectl(
      "delete",
      "rolebinding",
      "flatmesh-preview-secrets",
      `--namespace=${namespace}`,
      "--ignore-not-found",
    );
  }
  await cluster.stack("rights", settings("update"));
  await stack.destroy();
  await expect.poll(() => cluster.everything(), { timeout: 30_000, interval: 2000 }).toEqual(before);
}, 600_000);

it("by the role of a preview alone, an update is refused", async () => {
  const stack = await cluster.stack("rights-2", settings("preview"));
  await expect(stack.up()).rejects.toThrow(/forbidden|cannot/i);
});

function bind(kind: string, role: string, account: string, ...options: string[]): void {
  cluster.kubectl("create", kind, role, `--clusterrole=${role}`, `--serviceaccount=default:${account}`, ...options);
}

/** Settings with a kubeconfig of a service account. */
function settings(account: string) {
  const token = cluster.kubectl("create", "token", account, "--namespace=default").trim();
  const kubeconfig = parse(cluster.kubeconfig) as { readonly users: readonly { readonly name: string }[] };
  const users = kubeconfig.users.map(({ name }) => ({ name, user: { token } }));
  return {
    clusters: JSON.stringify([
      { name: "found", provisioner: "existing", kubeconfig: stringify({ ...kubeconfig, users }) },
    ]),
    license: "a-licence",
    repoKey: "0123456789ab",
  };
}
