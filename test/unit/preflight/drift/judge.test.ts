import { describe, expect, test } from "vitest";
import { unavailable } from "../../../../preflight/datum";
import { judgeDrift } from "../../../../preflight/drift/judge";
import { fieldManager, judgeObject, judgeRelease, managed, object } from "./cluster";

const namespace = object("v1", "Namespace", "istio-system", {
  metadata: { namespace: undefined, labels: { "topology.istio.io/network": "flat-network" } },
});

/** What an API server has of an object: the same, with what it and others add. */
function live(declared: object, change: object = {}): unknown {
  return { ...declared, status: { phase: "Active" }, ...change };
}

const role = object("rbac.authorization.k8s.io/v1", "ClusterRole", "istiod", {
  metadata: { namespace: undefined },
  rules: [
    { apiGroups: [""], resources: ["nodes"], verbs: ["get"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
  ],
});
const binding = object("rbac.authorization.k8s.io/v1", "RoleBinding", "reader", {
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
  subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "istio-system" }],
});
const definition = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "gateways.gateway.networking.k8s.io", {
  metadata: { namespace: undefined },
  spec: { group: "gateway.networking.k8s.io", versions: [{ name: "v1" }, { name: "v1beta1" }] },
});
const gateway = object("gateway.networking.k8s.io/v1", "Gateway", "istio-eastwest", {
  spec: {
    listeners: [
      { name: "cross-network", port: 15008, protocol: "HBONE" },
      { name: "xds-tls", port: 15012, protocol: "TLS" },
    ],
    addresses: [{ type: "IPAddress", value: "10.0.0.1" }],
  },
});
const secret = object("v1", "Secret", "istio-remote-secret-b", { stringData: { b: "a token" } });
const service = object("v1", "Service", "demo", { metadata: { labels: { "istio.io/global": "true" } } });

const changed: readonly (readonly [fault: string, declared: typeof role, live: unknown, reason: string])[] = [
  [
    "a changed label",
    namespace,
    live(namespace, { metadata: { labels: { "topology.istio.io/network": "other" } } }),
    '1: Namespace istio-system: metadata.labels["topology.istio.io/network"] is other instead of flat-network',
  ],
  [
    "a removed label",
    namespace,
    live(namespace, { metadata: { labels: {} } }),
    '1: Namespace istio-system: metadata.labels["topology.istio.io/network"] is missing',
  ],
  ["a deleted namespace", namespace, undefined, "1: Namespace istio-system is missing"],
  [
    "a namespace that is being deleted",
    namespace,
    live(namespace, { metadata: { ...namespace.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    "1: Namespace istio-system is being deleted",
  ],
  ["a deleted Secret", secret, undefined, "1: Secret istio-system/istio-remote-secret-b is missing"],
  [
    "a changed Secret",
    secret,
    live({ ...secret, stringData: undefined, data: { b: "b3RoZXI=" } }),
    "1: Secret istio-system/istio-remote-secret-b: data.b differs",
  ],
  [
    "a Service that is no longer global",
    service,
    live(service, { metadata: { labels: {} } }),
    '1: Service istio-system/demo: metadata.labels["istio.io/global"] is missing',
  ],
  [
    "a rule that was removed",
    role,
    live(role, { rules: [{ apiGroups: [""], resources: ["nodes"], verbs: ["get"] }] }),
    "1: ClusterRole istiod: rules differs",
  ],
  [
    "another subject",
    binding,
    live(binding, { subjects: [{ kind: "ServiceAccount", name: "other", namespace: "istio-system" }] }),
    "1: RoleBinding istio-system/reader: subjects[0].name is other instead of reader",
  ],
  [
    "one more subject",
    binding,
    live(binding, {
      subjects: [
        { kind: "ServiceAccount", name: "reader", namespace: "istio-system" },
        { kind: "User", name: "mallory" },
      ],
    }),
    "1: RoleBinding istio-system/reader: subjects differs",
  ],
  [
    "a deleted definition",
    definition,
    undefined,
    "1: CustomResourceDefinition gateways.gateway.networking.k8s.io is missing",
  ],
  [
    "a definition without one of its versions",
    definition,
    live(definition, { spec: { group: "gateway.networking.k8s.io", versions: [{ name: "v1" }] } }),
    "1: CustomResourceDefinition gateways.gateway.networking.k8s.io: spec.versions[v1beta1] is missing",
  ],
  [
    "a changed listener",
    gateway,
    live(gateway, {
      spec: {
        ...(gateway["spec"] as object),
        listeners: [
          { name: "xds-tls", port: 15012, protocol: "TLS" },
          { name: "cross-network", port: 15443, protocol: "HBONE" },
        ],
      },
    }),
    "1: Gateway istio-system/istio-eastwest: spec.listeners[cross-network].port is 15443 instead of 15008",
  ],
  [
    "a changed address",
    gateway,
    live(gateway, {
      spec: { ...(gateway["spec"] as object), addresses: [{ type: "IPAddress", value: "10.0.0.2" }] },
    }),
    "1: Gateway istio-system/istio-eastwest: spec.addresses[0].value is 10.0.0.2 instead of 10.0.0.1",
  ],
];

describe("an object of the stack", () => {
  test.each(changed)("%s is put back", (_, declared, found, reason) => {
    const { repair, problems } = judgeObject(declared, found);
    expect(repair).toEqual({ reason, actions: [{ kind: "apply", object: declared, fieldManager }] });
    expect(problems).toEqual([`information: Cluster a: ${reason.slice(3)}. This update puts it back.`]);
  });

  test.each([namespace, service, role, binding, definition, gateway])(
    "$kind as it was declared is no drift",
    (declared) => {
      expect(judgeObject(declared, live(declared))).toEqual({ repair: undefined, problems: [] });
    },
  );

  test("the reason of its last repair stays, and one more drift has the next number", () => {
    const before = "4: Namespace istio-system is missing";
    expect(judgeObject(namespace, live(namespace), before).repair).toEqual({ reason: before, actions: [] });
    expect(judgeObject(namespace, undefined, before).repair?.reason).toBe("5: Namespace istio-system is missing");
  });

  test("nothing secret is shown", () => {
    const { repair, problems } = judgeObject(
      secret,
      live({ ...secret, data: { b: "aHVzaA==" }, stringData: undefined }),
    );
    expect([repair?.reason, ...problems].join()).not.toMatch(/a token|aHVzaA|hush/);
  });
});

describe("cacerts", () => {
  const cacerts = object("v1", "Secret", "cacerts", { stringData: { "root-cert.pem": "own root" } });

  test("with another root stays, and both ways out are told", () => {
    const data = { "root-cert.pem": Buffer.from("another root").toString("base64") };
    const { repair, problems } = judgeObject(cacerts, { ...cacerts, stringData: undefined, data });
    expect(repair).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(
        /^warning: .*kubectl delete secret -n istio-system cacerts.*alsoTrusted.*#handing-cacerts-over/,
      ),
    ]);
  });

  test("without its root are put back", () => {
    const { repair } = judgeObject(cacerts, { ...cacerts, stringData: undefined, data: {} });
    expect(repair?.reason).toBe('1: Secret istio-system/cacerts: data["root-cert.pem"] is missing');
  });
});

describe("a Helm release", () => {
  const container = {
    name: "discovery",
    image: "registry.example.com/pilot:1.0",
    env: [
      { name: "CLUSTER_ID", value: "a" },
      { name: "PILOT_TRACE", value: "" },
    ],
    resources: { requests: { cpu: "1000m", memory: "2048Mi" } },
  };
  const istiod = object("apps/v1", "Deployment", "istiod", {
    spec: { template: { spec: { containers: [container] } } },
  });
  const scaler = object("autoscaling/v2", "HorizontalPodAutoscaler", "istiod", {
    spec: { minReplicas: 2, scaleTargetRef: { kind: "Deployment", name: "istiod" } },
  });

  function running(replicas: number, change: object = {}) {
    const stored = { ...container, env: [{ name: "CLUSTER_ID", value: "a" }, { name: "PILOT_TRACE" }], ...change };
    const containers = [{ ...stored, terminationMessagePath: "/dev/termination-log" }];
    return { ...istiod, spec: { replicas, template: { spec: { containers } } } };
  }

  test("as its API server stores it is no drift, however far its autoscaler has gone", () => {
    const resources = { requests: { cpu: "1", memory: "2Gi" } };
    expect(judgeRelease([[istiod, running(3, { resources })]])).toEqual({ repair: undefined, problems: [] });
  });

  test("an autoscaled Deployment that was scaled to zero gets the autoscaler's least", () => {
    const { repair } = judgeRelease([
      [istiod, running(0)],
      [scaler, scaler],
    ]);
    expect(repair).toEqual({
      reason: "1: Helm release istio-system/istiod: Deployment istio-system/istiod: spec.replicas is 0 instead of 2",
      actions: [
        {
          kind: "patch",
          object: { apiVersion: "apps/v1", kind: "Deployment", name: "istiod", namespace: "istio-system" },
          patch: { spec: { replicas: 2 } },
        },
      ],
    });
  });

  test.each([
    [
      "image",
      { image: "registry.example.com/pilot:0.9" },
      "image is registry.example.com/pilot:0.9 instead of registry.example.com/pilot:1.0",
    ],
    ["variable", { env: [{ name: "CLUSTER_ID", value: "b" }] }, "env[CLUSTER_ID].value is b instead of a"],
  ])("a changed %s is Helm's to put back", (_, change, text) => {
    const { repair } = judgeRelease([[istiod, running(1, change)]]);
    expect(repair?.reason).toContain(`spec.template.spec.containers[discovery].${text}`);
    expect(repair?.actions).toEqual([]);
  });

  test.each([
    ["apps/v1", "DaemonSet"],
    ["autoscaling/v2", "HorizontalPodAutoscaler"],
    ["policy/v1", "PodDisruptionBudget"],
    ["admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration"],
    ["v1", "ConfigMap"],
  ])("a deleted %s %s is Helm's to make again", (apiVersion, kind) => {
    const { repair } = judgeRelease([[object(apiVersion, kind, "some"), undefined]]);
    expect(repair?.reason).toBe(`1: Helm release istio-system/istiod: ${kind} istio-system/some is missing`);
    expect(repair?.actions).toEqual([]);
  });

  test("a changed ConfigMap is named by its key", () => {
    const config = object("v1", "ConfigMap", "istio", { data: { mesh: "enableTracing: true\n" } });
    expect(judgeRelease([[config, { ...config, data: { mesh: "" } }]]).repair?.reason).toContain(
      "ConfigMap istio-system/istio: data.mesh is",
    );
  });

  test("a changed definition is applied, which Helm does not", () => {
    const changedOne = { ...definition, spec: { group: "gateway.networking.k8s.io", versions: [{ name: "v1" }] } };
    expect(judgeRelease([[definition, changedOne]]).repair?.actions).toEqual([
      { kind: "apply", object: definition, fieldManager: "flatmesh" },
    ]);
  });

  test("without a record gets one, and one whose last change did not succeed says so", () => {
    expect(judgeRelease([], { recorded: false }).repair).toEqual({
      reason: "1: Helm release istio-system/istiod: Helm has no record of it that an upgrade could begin with",
      actions: [{ kind: "record", release: { name: "istiod", namespace: "istio-system" } }],
    });
    expect(judgeRelease([], { unfinished: "pending-upgrade" }).repair?.reason).toContain("pending-upgrade");
  });

  test("what istiod writes in its webhooks is no drift", () => {
    const webhook = { name: "rev.validation.istio.io", failurePolicy: "Ignore" };
    const configuration = object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "istiod", {
      webhooks: [webhook],
    });
    const managedFields = [
      managed("pilot-discovery", "Update", {
        "f:webhooks": { 'k:{"name":"rev.validation.istio.io"}': { "f:failurePolicy": {}, "f:clientConfig": {} } },
      }),
    ];
    const found = {
      ...configuration,
      metadata: { ...configuration.metadata, managedFields },
      webhooks: [{ ...webhook, failurePolicy: "Fail", clientConfig: { caBundle: "eA==" } }],
    };
    expect(judgeRelease([[configuration, found]])).toEqual({ repair: undefined, problems: [] });
  });
});

describe("whose a field is", () => {
  const fields = { "f:metadata": { "f:labels": { "f:topology.istio.io/network": {} } } };
  const judgeAs = (manager: string, operation: string) =>
    judgeObject(namespace, {
      ...namespace,
      metadata: {
        labels: { "topology.istio.io/network": "other" },
        managedFields: [managed(manager, operation, fields)],
      },
    });

  test.each([
    ["argocd-controller", "Apply"],
    ["argocd-controller", "Update"],
    ["kustomize-controller", "Apply"],
    ["pulumi-kubernetes-ffffffff", "Apply"],
    ["a-team", "Apply"],
  ])("%s, which declares it (%s), keeps it", (manager, operation) => {
    const { repair, problems } = judgeAs(manager, operation);
    expect(repair).toBeUndefined();
    expect(problems).toEqual([
      expect.stringMatching(`^warning: .*since ${manager} declares it as well.*detectDrift: false`),
    ]);
  });

  test.each([
    ["kubectl-label", "Update"],
    ["kubectl", "Apply"],
    ["kubectl-edit", "Update"],
    ["Mozilla", "Update"],
    ["helm", "Update"],
    ["k9s", "Update"],
  ])("what %s wrote (%s) is put back", (manager, operation) => {
    expect(judgeAs(manager, operation).repair?.actions).toHaveLength(1);
  });
});

test("a later release of the Gateway API stays, with both ways out, and an earlier one is put back", () => {
  const annotation = "gateway.networking.k8s.io/bundle-version";
  const of = (release: string) => ({
    ...definition,
    metadata: { ...definition.metadata, annotations: { [annotation]: release } },
  });
  const { repair, problems } = judgeObject(of("v1.4.0"), of("v1.5.1"));
  expect(repair).toBeUndefined();
  expect(problems).toEqual([
    expect.stringMatching(/^warning: .*gatewayApi.version: v1.5.1 .*kubectl apply --server-side.*v1.4.0\/standard/),
  ]);
  expect(judgeObject(of("v1.4.0"), of("v1.5.1"), undefined, "v1.5.1").problems).toEqual([]);
  expect(judgeObject(of("v1.4.0"), of("v1.3.0")).repair?.actions).toHaveLength(1);
});

describe("what a cluster changes in what it is given", () => {
  const config = object("v1", "ConfigMap", "istio", { data: { mesh: "as given", other: "as given" } });
  const stored = { mesh: "changed", other: "as given" };
  const live = (manager: string) => ({
    ...config,
    metadata: { ...config.metadata, managedFields: [managed(manager, "Update", { "f:data": { "f:mesh": {} } })] },
    data: stored,
  });

  test.each(["pulumi-resource-kubernetes", "kubectl-edit"])(
    "is no drift if it would be stored so again, and is told (%s)",
    (manager) => {
      const { repair, problems } = judgeRelease([[config, live(manager)]], {}, { ...config, data: stored });
      expect(repair).toBeUndefined();
      expect(problems).toEqual([
        expect.stringMatching(
          /^information: Cluster a: ConfigMap istio-system\/istio: data.mesh is changed instead of "as given". The API server/,
        ),
      ]);
    },
  );

  test("is put back if it would stay, though nobody but the stack has written it", () => {
    const { repair, problems } = judgeRelease([[config, live(fieldManager)]], {}, config);
    expect(repair?.reason).toContain('data.mesh is changed instead of "as given"');
    expect(problems).toHaveLength(1);
  });

  test("is put back if a person's change was changed as well", () => {
    const byHand = { ...live("kubectl-edit"), data: { ...stored, mesh: "changed by hand" } };
    expect(judgeRelease([[config, byHand]], {}, { ...config, data: stored }).repair).toBeDefined();
  });

  test("is only what nobody else has written, for those who may only read", () => {
    expect(judgeRelease([[config, live("pulumi-resource-kubernetes")]]).repair).toBeUndefined();
    expect(judgeRelease([[config, live("kubectl-edit")]]).repair).toBeDefined();
    expect(judgeRelease([[config, { ...config, data: stored }]]).repair).toBeDefined();
  });

  test("does not keep the rest from being put back", () => {
    const both = { ...live("pulumi-resource-kubernetes"), data: { mesh: "changed", other: "by hand" } };
    const { repair } = judgeRelease([[config, both]], {}, { ...config, data: stored });
    expect(repair?.reason).toBe(
      '1: Helm release istio-system/istiod: ConfigMap istio-system/istio: data.other is "by hand" instead of "as given"',
    );
  });
});

test("what a cluster does not tell stays as the state has it, with one warning", () => {
  const resource = "kubernetes:core/v1:Namespace a-namespace";
  const repaired = "2: Namespace istio-system is missing";
  const declared = { objects: [{ resource, object: namespace, fieldManager, repaired }], releases: [] };
  const { value, problems } = judgeDrift([{ name: "a", declared, live: unavailable("no answer") }], "preview");
  expect(value).toEqual({ [resource]: { reason: repaired, actions: [] } });
  expect(problems).toEqual([{ severity: "warning", message: expect.stringContaining("no answer") as string }]);
});

test("keeps texts of a release back where some of its values are secret, since a template can put them anywhere", () => {
  const pods = (value: string, replicas: number) =>
    object("apps/v1", "Deployment", "istiod", {
      spec: { replicas, template: { spec: { containers: [{ name: "discovery", env: [{ name: "A", value }] }] } } },
    });
  const told = (secretValues: boolean) =>
    JSON.stringify(judgeRelease([[pods("hush", 2), pods("loud", 3)]], {}, undefined, secretValues));
  expect(told(false)).toContain("is loud instead of hush");
  expect(told(true)).not.toMatch(/loud|hush/);
  expect(told(true)).toContain("spec.replicas is 3 instead of 2");
});
