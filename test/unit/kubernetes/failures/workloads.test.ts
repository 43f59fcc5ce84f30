import { expect, it, test } from "vitest";
import { ofGateway, ofName } from "../../../../kubernetes";
import { container, daemonSet, deployment, findings, pod, warning } from "./namespace";

const refused = (message: string) =>
  findings({ workloads: deployment(), events: [warning("rs", "FailedCreate", message)] });

test.each([
  [
    'Error creating: pods "istiod-6b7f-x" is forbidden: exceeded quota: compute, requested: cpu=500m,memory=2Gi, used: cpu=4,memory=6Gi, limited: cpu=4,memory=8Gi',
    "quota compute is used up: it needs cpu=500m,memory=2Gi, cpu=4,memory=6Gi of cpu=4,memory=8Gi is in use",
    "kubectl describe quota compute -n istio-system",
  ],
  [
    'Error creating: pods "istiod-6b7f-x" is forbidden: failed quota: compute: must specify limits.cpu for: discovery; limits.memory for: discovery',
    "quota compute admits only containers with limits.cpu for: discovery; limits.memory for: discovery",
    "LimitRange",
  ],
  [
    'Error creating: pods "ztunnel-x" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), hostPath volumes (volume "cni-log-dir")',
    "PodSecurity baseline:latest of namespace istio-system forbids it: host namespaces (hostNetwork=true)",
    "kubectl label namespace istio-system pod-security.kubernetes.io/enforce=privileged --overwrite",
  ],
  [
    'Error creating: pods "istio-cni-node-" is forbidden: insufficient quota to match these scopes: [{PriorityClass In [system-node-critical system-cluster-critical]}]',
    "no quota of namespace istio-system admits pods of the critical priority classes",
    "ResourceQuota",
  ],
  [
    'Error creating: admission webhook "validation.gatekeeper.sh" denied the request: [no-privileged] Privileged container is not allowed',
    "admission webhook validation.gatekeeper.sh denies it: [no-privileged] Privileged container is not allowed",
    "to exempt namespace istio-system",
  ],
  [
    "Error creating: pods \"x\" is forbidden: ValidatingAdmissionPolicy 'no-host' with binding 'no-host-everywhere' denied request: hostPath is not allowed",
    "admission policy no-host (binding no-host-everywhere) denies it: hostPath is not allowed",
    "kubectl get validatingadmissionpolicybinding no-host-everywhere",
  ],
  [
    'Error creating: Internal error occurred: failed calling webhook "mutate.kyverno.svc-fail": failed to call webhook: Post "https://kyverno-svc.kyverno.svc:443/mutate/fail?timeout=10s": no endpoints available for service "kyverno-svc"',
    "admission webhook mutate.kyverno.svc-fail does not answer: none of its pods is ready",
    "delete its configuration",
  ],
  [
    'Error creating: Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": context deadline exceeded',
    "admission webhook namespace.sidecar-injector.istio.io does not answer: the API server does not reach it",
    "15017",
  ],
  [
    'Error creating: Internal error occurred: failed calling webhook "x.io": failed to call webhook: Post "https://x.gone.svc:443/": service "x" not found',
    "its Service x does not exist",
    "validatingwebhookconfigurations",
  ],
  [
    'Error creating: pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    "a LimitRange of namespace istio-system forbids it: maximum memory usage per Container is 1Gi, but limit is 2Gi",
    "kubectl describe limitrange -n istio-system",
  ],
  [
    'Error creating: pods "x" is forbidden: no PriorityClass with name system-node-critical2 was found',
    "PriorityClass system-node-critical2 does not exist",
    "kubectl get priorityclass",
  ],
  [
    'Error creating: pods "x" is forbidden: error looking up service account istio-system/istiod: serviceaccount "istiod" not found',
    "service account istio-system/istiod does not exist",
    "pulumi up",
  ],
  [
    'Error creating: pods "x" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount]',
    "OpenShift's security context constraints forbid it",
    "platform: openshift",
  ],
  [
    'Error creating: pods "x" is forbidden: unable to create new content in namespace istio-system because it is being terminated',
    "namespace istio-system is being deleted",
    "Wait until it is gone",
  ],
  [
    "Error creating: something that nobody knows",
    "Error creating: something that nobody knows",
    "kubectl describe deployment",
  ],
])("pods that an API server refuses: %j", (message, reason, remedy) => {
  const [only, ...others] = refused(message);
  expect(others).toEqual([]);
  expect(only).toMatchObject({ workload: "Deployment istiod", pods: { affected: 1, wanted: 1 } });
  expect(only?.reason).toContain(`its pods can't be made: `);
  expect(only?.reason).toContain(reason);
  expect(only?.remedy).toContain(remedy);
});

it("a refusal is read from the condition where its event is gone", () => {
  const message = 'pods "x" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=5, limited: pods=5';
  const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }];
  expect(findings({ workloads: deployment({ conditions }) })[0]?.reason).toContain("quota pods is used up");
});

it("a refusal counts for pods that are missing, not for those that came later", () => {
  const events = [warning("ds", "FailedCreate", 'violates PodSecurity "baseline:latest": hostPath volumes')];
  const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
  const pods = [pod("a", ready), pod("b", ready)];
  expect(findings({ workloads: { DaemonSet: [daemonSet(2)] }, pods, events })).toEqual([]);
  expect(findings({ workloads: { DaemonSet: [daemonSet(3)] }, pods, events })).toMatchObject([
    { pods: { affected: 1, wanted: 3 } },
  ]);
});

it("a workload that no controller has looked at says so", () => {
  const [set] = deployment().Deployment;
  const Deployment = [{ ...set, status: {} }];
  expect(findings({ workloads: { Deployment } })[0]?.remedy).toContain("kube-controller-manager");
});

test("jobs of the chart, claims and load balancers that Helm waits for", () => {
  const annotations = { "helm.sh/hook": "pre-install" };
  const job = {
    metadata: { name: "migrate", uid: "job", annotations },
    spec: { completions: 1 },
    status: {
      conditions: [
        {
          type: "Failed",
          status: "True",
          reason: "BackoffLimitExceeded",
          message: "Job has reached the specified backoff limit",
        },
      ],
    },
  };
  expect(findings({ workloads: { Job: [job] } })).toMatchObject([
    {
      workload: "Job migrate",
      reason: "it failed (BackoffLimitExceeded): Job has reached the specified backoff limit",
    },
  ]);
  const failing = pod("migrate-x", container({ terminated: { exitCode: 3, reason: "Error" } }), { owner: "job" });
  expect(findings({ workloads: { Job: [job] }, pods: [failing] })).toMatchObject([
    { reason: "container istio-proxy fails with exit code 3" },
  ]);

  const helm = { annotations: { "meta.helm.sh/release-name": "ztunnel" } };
  const claim = { metadata: { name: "data", uid: "pvc", ...helm }, status: { phase: "Pending" } };
  const unbound = "no persistent volumes available for this claim and no storage class is set";
  const events = [{ ...warning("pvc", "FailedBinding", unbound), type: "Normal" }];
  expect(findings({ workloads: { PersistentVolumeClaim: [claim] }, events })[0]?.reason).toContain(unbound);

  const service = {
    metadata: { name: "lb", uid: "svc", ...helm },
    spec: { type: "LoadBalancer" },
    status: { loadBalancer: {} },
  };
  const [address] = findings({ workloads: { Service: [service] } });
  expect(address).toMatchObject({ workload: "Service lb", reason: "no load balancer gives it an address" });
  const asked = (spec: object, ingress: readonly object[]) => {
    const one = { ...service, spec: { ...service.spec, ...spec }, status: { loadBalancer: { ingress } } };
    return findings({ workloads: { Service: [one] } }).map(({ reason, remedy }) => `${reason} → ${remedy}`);
  };
  expect(asked({ loadBalancerClass: "service.k8s.aws/nlb" }, [])).toEqual([
    "no load balancer gives it an address → See that something in the cluster serves load balancers of class service.k8s.aws/nlb, or correct " +
      "eastWestGateway.loadBalancerClass (docs/east-west-gateway.md).",
  ]);
  expect(asked({ loadBalancerIP: "10.1.0.9" }, [])[0]).toContain(
    "can have the address 10.1.0.9, or correct eastWestGateway.loadBalancerIP",
  );
  expect(asked({ loadBalancerIP: "10.1.0.9" }, [{ hostname: "lb.example.com" }])).toEqual([
    "its load balancer has the address lb.example.com instead of 10.1.0.9 → See that the load balancer takes a fixed address, and that this " +
      "one is free, or remove eastWestGateway.loadBalancerIP (docs/east-west-gateway.md#by-cloud).",
  ]);
  expect(asked({ loadBalancerIP: "10.1.0.9" }, [{ ip: "10.1.0.9" }])).toEqual([]);
});

it("what is of another release, or of none, is left alone; a Gateway's own is found by its label", () => {
  const status = container({ waiting: { reason: "ErrImagePull", message: "not found" } });
  const [made] = deployment().Deployment;
  const labels = { "gateway.networking.k8s.io/gateway-name": "istio-eastwest" };
  const other = { ...made, metadata: { ...made?.metadata, annotations: {}, labels } };
  const written = { workloads: { ...deployment(), Deployment: [other] }, pods: [pod("a", status, { owner: "rs" })] };
  expect(findings(written)).toEqual([]);
  expect(findings(written, ofGateway("istio-eastwest"))).toHaveLength(1);
});

it("a workload that no release has is found by its name", () => {
  const status = container({ waiting: { reason: "ErrImagePull", message: "not found" } });
  const [made] = deployment().Deployment;
  const own = { ...made, metadata: { ...made?.metadata, annotations: {} } };
  const written = { workloads: { ...deployment(), Deployment: [own] }, pods: [pod("a", status, { owner: "rs" })] };
  expect(findings(written, ofName(made?.metadata.name ?? ""))).toHaveLength(1);
  expect(findings(written, ofName("another"))).toEqual([]);
});
