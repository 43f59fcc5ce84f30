/**
 * A cluster as people bring it: with a Pod Security Standard, a quota, an admission policy, leftovers of another Istio, Cilium and network
 * policies. A real API server admits and refuses; every command that a message gives is run.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Stack } from "@pulumi/pulumi/automation";
import { FoundCluster } from "./found-cluster";

let cluster: FoundCluster;
let stack: Stack;
beforeAll(async () => {
  cluster = await FoundCluster.create();
  stack = await cluster.stack("fit", {
    clusters: JSON.stringify([{ name: "found", provisioner: "existing", kubeconfig: cluster.kubeconfig }]),
    license: "a-licence",
    repoKey: "0123456789ab",
  });
});
afterAll(() => cluster.delete());

const enforce = "pod-security.kubernetes.io/enforce";
const namespace = (name: string, labels: object = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, labels },
});
const inSystem = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "istio-system" },
  ...more,
});
const rbac = "rbac.authorization.k8s.io";
const leftovers = [
  inSystem("v1", "ServiceAccount", "istio-reader-service-account"),
  { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: "istiod-clusterrole-istio-system" }, rules: [] },
  {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "istiod-default-validator" },
    webhooks: [
      {
        name: "validation.istio.io",
        failurePolicy: "Fail",
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        clientConfig: { service: { name: "istiod", namespace: "istio-system" } },
        rules: [
          {
            apiGroups: ["networking.istio.io"],
            apiVersions: ["*"],
            resources: ["*"],
            operations: ["CREATE", "UPDATE"],
          },
        ],
      },
    ],
  },
];

/** What an update is refused for. */
async function refusal(): Promise<string> {
  return stack.up().then(
    () => "",
    (error: unknown) => String(error),
  );
}

/** Runs the commands of kubectl that a message has between two texts. */
function runCommands(message: string, before: string, after: string): void {
  const [, rest = ""] = message.split(before);
  const commands = (rest.split(after)[0] ?? "").split("; ");
  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) {
    const [program, ...args] = command.trim().split(" ");
    expect(program).toBe("kubectl");
    cluster.kubectl(...args);
  }
}

it("is refused with every reason at once, and warned about in a preview", async () => {
  cluster.apply(
    namespace("istio-system", { [enforce]: "baseline" }),
    namespace("apps", { "istio.io/dataplane-mode": "ambient" }),
  );
  cluster.apply(
    inSystem("v1", "ResourceQuota", "small", { spec: { hard: { "requests.memory": "2Gi" } } }),
    ...leftovers,
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "cilium-config", namespace: "kube-system" },
      data: { "cni-exclusive": "true", "enable-bpf-masquerade": "true" },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "default-deny", namespace: "apps" },
      spec: { podSelector: {}, policyTypes: ["Ingress"] },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicy",
      metadata: { name: "no-daemons" },
      spec: {
        failurePolicy: "Fail",
        matchConstraints: {
          resourceRules: [
            { apiGroups: ["apps"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["daemonsets"] },
          ],
        },
        validations: [{ expression: "false", message: "no daemons here" }],
      },
    },
    {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingAdmissionPolicyBinding",
      metadata: { name: "no-daemons-binding" },
      spec: { policyName: "no-daemons", validationActions: ["Deny"] },
    },
  );
  const reasons = [
    "violates PodSecurity",
    `kubectl label namespace istio-system ${enforce}=privileged --overwrite`,
    "ResourceQuota istio-system/small has 2048Mi of requests.memory left",
    "ValidatingAdmissionPolicy 'no-daemons' with binding 'no-daemons-binding' denied request: no daemons here",
    "kubectl edit validatingadmissionpolicybinding no-daemons-binding",
    "serviceaccount istio-system/istio-reader-service-account, clusterrole istiod-clusterrole-istio-system",
    "--set cni.exclusive=false",
    "--set bpf.masquerade=false",
  ];
  // The API server takes up a policy a moment after it is created.
  await expect.poll(refusal, { timeout: 120_000 }).toContain("no daemons here");
  const message = await refusal();
  expect(reasons.filter((reason) => !message.includes(reason))).toEqual([]);
  expect(cluster.kubectl("get", "secrets", "--namespace=istio-system", "--output=name")).toBe("");

  const { stdout } = await stack.preview();
  const warned = ["NetworkPolicy default-deny of namespace apps", ...reasons];
  expect(warned.filter((reason) => !stdout.includes(reason))).toEqual([]);
});

it("comes up once every command has been run, and what it has handed over is the stack's", async () => {
  const message = await refusal();
  runCommands(message, "Allow them there: ", "\n");
  runCommands(message, "or hand them over to this stack's releases: ", "\n");
  cluster.kubectl("delete", "resourcequota", "small", "--namespace=istio-system");
  cluster.kubectl("delete", "validatingadmissionpolicybinding", "no-daemons-binding");
  cluster.kubectl("delete", "configmap", "cilium-config", "--namespace=kube-system");
  await expect.poll(async () => (await stack.preview()).stdout, { timeout: 120_000 }).not.toContain("no daemons here");

  cluster.playControllers();
  const { stdout } = await stack.up();
  const [, policy = ""] = /Apply one beside it: echo '(.*)' \| kubectl apply -f -/.exec(stdout) ?? [];
  cluster.apply(JSON.parse(policy) as object);
  expect(cluster.kubectl("get", "clusterrole", "istiod-clusterrole-istio-system", "--output=yaml")).toMatch(
    /meta\.helm\.sh\/release-name: istiod\b/,
  );
  await stack.destroy();
});

it("is fit again once the leftovers are deleted by the commands", async () => {
  cluster.apply(namespace("istio-system"));
  cluster.apply(...leftovers);
  runCommands(await refusal(), "delete them: ", "; or hand");
  const { stdout } = await stack.preview();
  expect(stdout).not.toMatch(/another Istio/);
});
