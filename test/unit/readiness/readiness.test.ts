/** What is read of a cluster, from answers of a fake API server, and what is judged of it. */
import { describe, expect, it } from "vitest";
import {
  chartObjects,
  type Concern,
  defaultWorkloads,
  installPlan,
  judgeFacts,
  readFacts,
  unaskedAdmission,
  unreadFacts,
} from "../../../readiness";
import { pathOf } from "../../../readiness/chart-objects";
import { outcomeOf } from "../../../readiness/dry-runs";
import { quantity } from "../../../kubernetes";
import { desiredNamespaces } from "../../../preflight/existing-clusters/desired-objects";
import {
  judged,
  namespace,
  plan,
  readerOf,
  settings,
  system,
  told,
  withList,
  withNamespaces,
  type World,
} from "./world";

it("plans the namespaces that the stack makes, with their labels", () => {
  expect(new Map(plan.namespaces.map(({ name, labels }) => [name, labels]))).toEqual(desiredNamespaces(settings));
});

it("finds nothing in an empty cluster, nor in one with an empty istio-system", async () => {
  expect(await judged({})).toEqual([]);
  expect(await judged(system)).toEqual([]);
});

it("marks what it may not read, and goes on", async () => {
  const facts = await readFacts(
    readerOf({ ...system, forbidden: ["/api/v1/nodes", "/api/v1/namespaces/istio-system/resourcequotas"] }),
    plan,
  );
  expect(unreadFacts(facts).map(({ what }) => what)).toEqual(["nodes", "resource quotas"]);
  const refused = [403, 'pods is forbidden: User "ci" cannot create resource "pods" in API group ""'] as const;
  const asked = await readFacts(readerOf({ ...system, denials: { Pod: refused } }), plan);
  expect(unaskedAdmission(asked)).toMatch(/cannot create resource/);
  expect(judgeFacts(asked, plan)).toEqual([]);
});

describe("Pod Security", () => {
  const violates = 'pods "ztunnel-x" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities';
  const allow = "kubectl label namespace istio-system pod-security.kubernetes.io/enforce=privileged --overwrite";

  it("is told by the API server where it can be asked", async () => {
    expect(told(await judged({ ...system, denials: { "Pod istio-system": [403, violates] } }))).toEqual([
      `refuse pod-security: Pod Security would refuse the pods of istio-cni and ztunnel in namespace istio-system: violates PodSecurity "baseline:latest": non-default capabilities. Allow them there: ${allow}`,
    ]);
  });

  it.each(["baseline", "restricted"])(
    "%s is told by the label where it can't, and not where the namespace is exempt",
    async (level) => {
      const labelled = withNamespaces(namespace("istio-system", { "pod-security.kubernetes.io/enforce": level }));
      expect(await judged(labelled)).toEqual([]);
      const denials = { Pod: [403, "User ci cannot create resource pods"] } as const;
      expect(told(await judged({ ...labelled, denials }))).toEqual([
        expect.stringMatching(`^refuse pod-security: namespace istio-system has the label .*=${level}.* ${allow}$`),
      ]);
    },
  );

  it("as the API server's default is warned about before the namespace exists", async () => {
    expect(told(await judged({ denials: { "Pod default": [403, violates] } }))).toEqual([
      expect.stringMatching(`^warn pod-security: .*kubectl create namespace istio-system && ${allow}$`),
    ]);
  });
});

describe("quotas", () => {
  const path = "/api/v1/namespaces/istio-system/resourcequotas";
  const quota = (hard: object, used: object = {}, spec: object = {}) => ({
    metadata: { name: "q", namespace: "istio-system" },
    spec,
    status: { hard, used },
  });
  const nodes = Array.from({ length: 3 }, (_, index) => ({ metadata: { name: `n${String(index)}` } }));
  const world = (...quotas: object[]) => {
    const found = withList(path, ...quotas);
    return { ...found, lists: { ...found.lists, "/api/v1/nodes": nodes } };
  };

  it.each([
    [
      "processor",
      { "requests.cpu": "2" },
      { "requests.cpu": "1" },
      "has 1 of requests.cpu left (2 in all), and the mesh needs 1.4",
    ],
    ["memory", { memory: "3Gi" }, {}, "has 3072Mi of memory left (3Gi in all), and the mesh needs 3884Mi"],
    ["pods", { pods: "6" }, {}, "has 6 of pods left (6 in all), and the mesh needs 7"],
    ["limits", { "limits.memory": "100Gi" }, {}, "demands that every pod has a limit (limits.memory)"],
  ])("of %s that are too small are refused", async (_, hard, used, message) => {
    expect(told(await judged(world(quota(hard, used))))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ["enough", quota({ "requests.cpu": "1400m", memory: "4Gi", pods: "7" })],
    ["for others alone", quota({ pods: "1" }, {}, { scopes: ["BestEffort"] })],
    [
      "for other priorities",
      quota(
        { pods: "0" },
        {},
        { scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["low"] }] } },
      ),
    ],
  ])("that are %s are not", async (_, one) => {
    expect(await judged(world(one))).toEqual([]);
  });

  it("of GKE's critical pods come with the charts there, and are refused elsewhere", async () => {
    const message =
      'pods "x" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [system-node-critical]}]';
    const denials = { Pod: [403, message] } as const;
    expect(told(await judged({ ...system, denials }))).toEqual([
      expect.stringMatching(/^refuse quotas: .*insufficient quota/),
    ]);
    const objects = { ...system.objects, "/version": { gitVersion: "v1.34.1-gke.100" } };
    expect(await judged({ ...system, objects, denials }, { ...plan, platform: "gke" })).toEqual([]);
    expect(told(await judged({ ...system, objects, denials })).join("\n")).toMatch(
      /Set platform: gke on a GKE cluster\. Elsewhere.*"scopeName":"PriorityClass"/,
    );
  });

  it.each([
    [
      { type: "Container", default: { memory: "512Mi" } },
      "istiod from coming up: its container requests 2048Mi of memory, and would get a limit of 512Mi",
    ],
    [{ type: "Container", max: { memory: "1Gi" }, default: { memory: "1Gi" } }, "limit of 1Gi"],
    [{ type: "Pod", max: { cpu: "4" } }, "a pod needs a limit of cpu, and it has none"],
    [
      { type: "Container", min: { cpu: "250m" } },
      "istio-cni-node from coming up: it requests 100m of cpu, and 250m is the minimum",
    ],
    [
      { type: "Container", default: { cpu: "1" }, maxLimitRequestRatio: { cpu: "2" } },
      "istio-cni-node from coming up: its limit of cpu may be 2 times",
    ],
  ])("and the limit range %j are judged where the API server can't be asked", async (limit, message) => {
    const range = { metadata: { name: "r", namespace: "istio-system" }, spec: { limits: [limit] } };
    const found = withList("/api/v1/namespaces/istio-system/limitranges", range);
    expect(await judged(found)).toEqual([]);
    const denials = { Pod: [403, "User ci cannot create resource pods"] } as const;
    expect(told(await judged({ ...found, denials })).join("\n")).toContain(message);
  });

  it.each([
    ["500m", 0.5],
    ["2Gi", 2 ** 31],
    ["1e3", 1000],
    ["1.5", 1.5],
    ["much", undefined],
  ])("read the quantity %s", (text, value) => {
    expect(quantity(text)).toBe(value);
  });
});

describe("admission", () => {
  it.each([
    [
      "a webhook",
      403,
      'admission webhook "validate.kyverno.svc-fail" denied the request: no privileged pods',
      /Exempt namespace istio-system in that policy/,
    ],
    [
      "a policy of the API server",
      422,
      "daemonsets.apps \"ztunnel\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
      /kubectl edit validatingadmissionpolicybinding b$/,
    ],
    [
      "a webhook that nobody answers",
      500,
      'Internal error occurred: failed calling webhook "w": no endpoints available',
      /Bring back what answers/,
    ],
  ])("of %s is told with its words", async (_, status, message, remedy) => {
    const [first, ...others] = told(await judged({ ...system, denials: { DaemonSet: [status, message] } }));
    expect(others).toEqual([]);
    expect(first).toContain(`refuse admission: the API server would refuse DaemonSet istio-system/ztunnel: ${message}`);
    expect(first).toMatch(remedy);
  });

  it.each([
    [201, ""],
    [409, "already exists"],
  ])("answers %i to what it would create", (status, message) => {
    expect(outcomeOf({ status, message })).toEqual({ is: "admitted" });
  });

  it.each([
    [404, 'namespaces "istio-system" not found'],
    [400, 'admission webhook "w" does not support dry run'],
    [403, 'pods is forbidden: User "u" cannot create resource "pods"'],
    [422, "spec.new: unknown"],
    [503, ""],
  ])("can't be told by %i %s", (status, message) => {
    expect(outcomeOf({ status, message }).is).toBe("unknown");
  });

  const webhook = (name: string, more: object = {}) => ({
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        failurePolicy: "Fail",
        clientConfig: { service: { name: "s", namespace: "policies" } },
        rules: [{ apiGroups: [""], resources: ["pods"], operations: ["CREATE"] }],
        ...more,
      },
    ],
  });
  const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
  const slices =
    "/apis/discovery.k8s.io/v1/namespaces/policies/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Ds";

  it("by a webhook without endpoints is warned about, with what deletes it", async () => {
    expect(told(await judged(withList(path, webhook("old-policies"))))).toEqual([
      expect.stringMatching(
        /^warn admission: webhook "old-policies.example.com" .*kubectl delete validatingwebhookconfiguration old-policies$/,
      ),
    ]);
  });

  it.each([
    ["that is ignored where it fails", { failurePolicy: "Ignore" }],
    [
      "of other namespaces",
      {
        namespaceSelector: {
          matchExpressions: [
            {
              key: "kubernetes.io/metadata.name",
              operator: "NotIn",
              values: ["istio-system", "istio-eastwest", "demo"],
            },
          ],
        },
      },
    ],
    ["of other resources", { rules: [{ apiGroups: ["example.com"], resources: ["*"], operations: ["*"] }] }],
    ["by URL", { clientConfig: { url: "https://example.com" } }],
  ])("by a webhook %s is not", async (_, more) => {
    expect(await judged(withList(path, webhook("w", more)))).toEqual([]);
  });

  it("by a webhook with an endpoint that is ready is not", async () => {
    const found = withList(path, webhook("w"));
    const objects = { ...found.objects, [slices]: { items: [{ endpoints: [{ conditions: { ready: true } }] }] } };
    expect(await judged({ ...found, objects })).toEqual([]);
  });
});

describe("leftovers", () => {
  const at = (kind: string, name: string) =>
    pathOf(
      chartObjects.find((one) => one.kind === kind && one.name === name) ?? { resource: "", release: "", kind, name },
    );
  const role = at("ClusterRole", "istiod-clusterrole-istio-system");
  const account = at("ServiceAccount", "istio-reader-service-account");

  it("are listed with what deletes them, and what hands them over", async () => {
    const objects = { [role]: namespace("r"), [account]: namespace("a") };
    expect(told(await judged({ objects }))).toEqual([
      "refuse leftovers: it has objects of another Istio, which Helm would not take over: serviceaccount " +
        "istio-system/istio-reader-service-account, clusterrole istiod-clusterrole-istio-system. If nothing uses them, delete them: " +
        "kubectl delete -n istio-system serviceaccount/istio-reader-service-account; kubectl delete " +
        "clusterrole/istiod-clusterrole-istio-system; or hand them over to this stack's releases: kubectl label --overwrite -n " +
        "istio-system serviceaccount/istio-reader-service-account app.kubernetes.io/managed-by=Helm; kubectl label --overwrite " +
        "clusterrole/istiod-clusterrole-istio-system app.kubernetes.io/managed-by=Helm; kubectl annotate --overwrite -n istio-system " +
        "serviceaccount/istio-reader-service-account meta.helm.sh/release-name=istio-base " +
        "meta.helm.sh/release-namespace=istio-system; kubectl annotate --overwrite clusterrole/istiod-clusterrole-istio-system " +
        "meta.helm.sh/release-name=istiod meta.helm.sh/release-namespace=istio-system",
    ]);
  });

  it("are none where Helm takes them for its own, or an istiod runs", async () => {
    const own = {
      metadata: {
        name: "r",
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: { "meta.helm.sh/release-name": "istiod", "meta.helm.sh/release-namespace": "istio-system" },
      },
    };
    expect(await judged({ objects: { [role]: own } })).toEqual([]);
    const lists = { "/apis/apps/v1/deployments": [namespace("istiod")] };
    expect(await judged({ objects: { [role]: namespace("r") }, lists })).toEqual([]);
  });

  it("of a whole mesh are counted", async () => {
    const objects = Object.fromEntries(chartObjects.map((one) => [pathOf(one), namespace(one.name)]));
    const [first = ""] = told(await judged({ objects }));
    expect(first).toMatch(
      /and \d+ more\. If nothing uses them, uninstall it as it was installed \(istioctl uninstall --purge\), or delete/,
    );
    expect(first.length).toBeLessThan(2800);
  });

  it("that are webhooks of another revision, which nobody answers, are warned about", async () => {
    const path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
    const validator = {
      metadata: { name: "istiod-default-validator" },
      webhooks: [
        {
          name: "validation.istio.io",
          failurePolicy: "Fail",
          clientConfig: { service: { name: "istiod", namespace: "istio-system" } },
          rules: [{ apiGroups: ["networking.istio.io"], resources: ["*"], operations: ["CREATE"] }],
        },
      ],
    };
    expect(told(await judged(withList(path, validator)))).toEqual([
      "warn leftovers: it has webhooks of another Istio that nobody answers: validatingwebhookconfiguration istiod-default-validator. " +
        "If nothing uses them, delete them: kubectl delete validatingwebhookconfiguration/istiod-default-validator",
    ]);
  });
});

describe("enrolment", () => {
  it.each([
    ["ambient mode", { "istio.io/dataplane-mode": "ambient" }, /all its pods join this mesh/],
    [
      "sidecars",
      { "istio-injection": "enabled" },
      /pods that start there get a sidecar.*kubectl label namespace apps istio-injection-$/,
    ],
    [
      "another revision",
      { "istio.io/rev": "1-20" },
      /revision that this mesh does not have \(1-20; its own is default\)/,
    ],
    ["a mode that is none", { "istio.io/dataplane-mode": "true" }, /neither ambient nor none/],
    ["both", { "istio.io/dataplane-mode": "ambient", "istio-injection": "enabled" }, /left out of ambient mode/],
  ])("by labels for %s is warned about", async (_, labels, message) => {
    const concerns = await judged(withNamespaces(namespace("apps", labels)));
    expect(concerns.every(({ severity }) => severity === "warn")).toBe(true);
    expect(told(concerns).join("\n")).toMatch(message);
  });

  it("of kube-system, and pods with sidecars, are warned about", async () => {
    const labelled = withNamespaces(namespace("kube-system", { "istio-injection": "enabled" }));
    expect(told(await judged(labelled)).join("\n")).toMatch(
      /kubectl label namespace kube-system istio.io\/dataplane-mode- istio-injection-/,
    );
    const pod = { metadata: { name: "p", namespace: "apps", annotations: { "sidecar.istio.io/status": "{}" } } };
    expect(told(await judged(withList("/api/v1/pods", pod))).join("\n")).toMatch(
      /apps\/p.*rollout restart deployment -n apps/,
    );
  });
});

describe("network policies", () => {
  const policy = (namespaceName: string, name: string, spec: object) => ({
    metadata: { name, namespace: namespaceName },
    spec,
  });
  const world = (...policies: object[]) => {
    const found = withNamespaces(
      namespace("apps", { "istio.io/dataplane-mode": "ambient" }),
      namespace("istio-system"),
    );
    return { ...found, lists: { ...found.lists, "/apis/networking.k8s.io/v1/networkpolicies": policies } };
  };
  const of = (concerns: readonly Concern[]) => told(concerns.filter(({ topic }) => topic === "network-policies"));
  const deny = { podSelector: {}, policyTypes: ["Ingress"] };

  it("that deny everything are warned about, with the one to apply", async () => {
    expect(of(await judged(world(policy("apps", "deny", deny))))).toEqual([
      "warn network-policies: NetworkPolicy deny of namespace apps has no rule for the mesh: nothing reaches port 15008 there, which the " +
        'mesh needs. Apply one beside it: echo \'{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":' +
        '"allow-mesh-ingress","namespace":"apps"},"spec":{"podSelector":{},"policyTypes":["Ingress"],"ingress":[{"ports":[{"port":15008}]}]}}\' ' +
        "| kubectl apply -f -",
    ]);
  });

  it.each([
    ["istiod's ports", policy("istio-system", "deny", deny), /port 15012, 15017 there/],
    [
      "what istiod calls",
      policy("istio-system", "deny", { podSelector: {}, policyTypes: ["Egress"] }),
      /"egress":\[\{\}\]/,
    ],
    [
      "the ports of the application alone",
      policy("apps", "web", { podSelector: { matchLabels: { app: "web" } }, ingress: [{ ports: [{ port: 8080 }] }] }),
      /port 15008/,
    ],
    [
      "what pods call",
      policy("apps", "out", {
        podSelector: {},
        policyTypes: ["Egress"],
        egress: [{ ports: [{ port: 53, protocol: "UDP" }] }],
      }),
      /nothing from there reaches port 15008/,
    ],
  ])("without %s are", async (_, one, message) => {
    expect(of(await judged(world(one)))).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    [
      "another one lets the mesh through",
      [
        policy("apps", "deny", deny),
        policy("apps", "mesh", { ...deny, ingress: [{ ports: [{ port: 15000, endPort: 15010 }] }] }),
      ],
    ],
    ["all ports are open to some", [policy("apps", "same", { ...deny, ingress: [{ from: [{ podSelector: {} }] }] })]],
    ["the namespace is not in the mesh", [policy("other", "deny", deny)]],
  ])("are not where %s", async (_, policies) => {
    expect(of(await judged(world(...policies)))).toEqual([]);
  });
});

describe("Cilium", () => {
  const config = (data: object): World => ({
    objects: { "/api/v1/namespaces/kube-system/configmaps/cilium-config": { data } },
  });

  it.each([
    [{ "cni-exclusive": "true" }, "refuse", "--set cni.exclusive=false"],
    [{ "enable-bpf-masquerade": "true" }, "refuse", "--set bpf.masquerade=false"],
    [{ "kube-proxy-replacement": "true" }, "warn", "--set socketLB.hostNamespaceOnly=true"],
    [{ "enable-policy": "always" }, "warn", "169.254.7.127/32"],
  ])("with %j has to be set up otherwise", async (data, severity, value) => {
    const concerns = await judged(config(data));
    expect(concerns.map((one) => one.severity)).toEqual([severity]);
    expect(told(concerns)[0]).toContain(value);
  });

  it("that is set up for an ambient mesh is fine", async () => {
    const data = {
      "cni-exclusive": "false",
      "enable-bpf-masquerade": "false",
      "kube-proxy-replacement": "true",
      "bpf-lb-sock-hostns-only": "true",
    };
    expect(await judged(config(data))).toEqual([]);
  });
});

it("masquerading is warned of where the other clusters' pods are known", async () => {
  const world: World = {
    objects: {
      "/api/v1/namespaces/kube-system/configmaps/cilium-config": {
        data: { "cni-exclusive": "false", "ipv4-native-routing-cidr": "10.10.0.0/16" },
      },
    },
  };
  const others = [{ cluster: "two", subnets: ["10.20.0.0/16"] }];
  expect(await judged(world)).toEqual([]);
  expect(
    told(await judged(world, installPlan(settings, { podSubnet: "10.10.0.0/16" }, defaultWorkloads, others))),
  ).toEqual([
    expect.stringMatching(
      /^warn source-addresses: Cilium masquerades what its pods send to 10\.20\.0\.0\/16 .*; kubectl rollout restart/,
    ),
  ]);
});

describe("the platform", () => {
  const node = (labels: object = {}, more: object = {}) => ({ metadata: { name: "n", labels }, ...more });
  const world = (one: object, gitVersion = "v1.34.1", groups: readonly string[] = []): World => ({
    lists: { "/api/v1/nodes": [one] },
    objects: { "/version": { gitVersion }, "/apis": { groups: groups.map((name) => ({ name })) } },
  });

  it.each([
    ["openshift", world(node(), "v1.31.1", ["config.openshift.io"])],
    ["gke", world(node(), "v1.34.1-gke.100")],
    ["gke", world(node({ "cloud.google.com/gke-nodepool": "p" }))],
    ["k3s", world(node(), "v1.34.1+k3s1")],
    ["k3d", world({ metadata: { name: "k3d-east-server-0" } }, "v1.34.1+k3s1")],
    ["microk8s", world(node({ "microk8s.io/cluster": "true" }))],
    ["minikube", world(node({ "minikube.k8s.io/name": "m" }))],
  ])("%s is recognised by its marks", async (platform, cluster) => {
    expect(told(await judged(cluster))).toEqual([
      expect.stringMatching(`^warn platform: .* Set platform: ${platform} on the cluster`),
    ]);
    expect(await judged(cluster, { ...plan, platform })).toEqual([]);
    expect(told(await judged(cluster, { ...plan, platform: platform === "gke" ? "k3s" : "gke" }))).toEqual([
      expect.stringContaining(`Set platform: ${platform}`),
    ]);
  });

  it.each([
    ["EKS", world(node(), "v1.34.1-eks-1234")],
    ["AKS", world(node({ "kubernetes.azure.com/cluster": "c" }))],
    ["RKE2", world(node(), "v1.34.1+rke2r1")],
    ["kind", world(node({}, { spec: { providerID: "kind://docker/c/n" } }))],
  ])("%s needs none", async (name, cluster) => {
    expect(await judged(cluster)).toEqual([]);
    expect(told(await judged(cluster, { ...plan, platform: "gke" }))).toEqual([
      expect.stringMatching(`looks like ${name} .*${name} needs none`),
    ]);
  });
});

describe("addresses", () => {
  const pod = (...ips: readonly string[]) => ({
    metadata: { name: "p", namespace: "apps" },
    status: { phase: "Running", podIPs: ips.map((ip) => ({ ip })) },
  });
  const service = (...clusterIPs: readonly string[]): World => ({
    objects: { "/api/v1/namespaces/default/services/kubernetes": { spec: { clusterIPs } } },
  });

  it.each([
    [
      ["10.20.0.5"],
      "warn addresses: 1 of its pods have addresses outside podSubnet 10.10.0.0/16, such as 10.20.0.5 (pod apps/p)",
    ],
    [["fd00::5"], "refuse addresses: its pods have IPv6 addresses alone (pod apps/p has fd00::5)"],
  ])("of pods %j are warned about or refused", async (ips, message) => {
    expect(told(await judged(withList("/api/v1/pods", pod(...ips))))).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    [["10.96.0.1"], "outside serviceSubnet 10.255.10.0/24: Service default/kubernetes has 10.96.0.1"],
    [["fd00::1", "10.255.10.1"], "IPv6 addresses first"],
  ])("of services %j are warned about", async (ips, message) => {
    expect(told(await judged(service(...ips)))).toEqual([expect.stringContaining(message)]);
  });

  it("of both families are fine, and so are those of the settings' subnets", async () => {
    const found = withList("/api/v1/pods", pod("fd00::5", "10.10.0.5"), pod("10.10.1.5"));
    expect(
      await judged({ ...found, objects: { ...found.objects, ...service("10.255.10.1", "fd00::1").objects } }),
    ).toEqual([]);
  });
});
