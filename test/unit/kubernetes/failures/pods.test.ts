import { describe, expect, it, test } from "vitest";
import { container, daemonSet, deployment, findings, pod, warning } from "./namespace";

/** What is found of one pod of ztunnel. */
function found(status: object, events: readonly object[] = [], logs: Readonly<Record<string, string>> = {}) {
  const pods = [pod("ztunnel-a", status)];
  const [only, ...others] = findings({ workloads: { DaemonSet: [daemonSet(1)] }, pods, events, logs });
  expect(others).toEqual([]);
  return only;
}

const image = "docker.io/istio/ztunnel:1.31.0-distroless";
const pulling = (why: string) =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${why}`;

describe("an image that can't be pulled", () => {
  it.each([
    [
      `rpc error: code = NotFound desc = ${pulling(`${image}: not found`)}`,
      "the registry has no such image",
      /istioVersion/,
    ],
    [
      `rpc error: code = Unknown desc = ${pulling("pulling from host docker.io failed with status code [manifests 1.31.0]: 401 Unauthorized")}`,
      "the registry refuses it to these nodes",
      /repoKey/,
    ],
    [
      `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://x/token: 403 Forbidden`,
      "the registry refuses it to these nodes",
      /kubectl get secrets -n istio-system/,
    ],
    [
      "httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.",
      "too many requests",
      /mirrors/,
    ],
    [
      pulling('failed to do request: Head "https://r/v2": dial tcp: lookup r on 10.0.0.10:53: no such host'),
      "resolve",
      /DNS/,
    ],
    [
      pulling('failed to do request: Head "https://r/v2": dial tcp 10.1.1.1:443: i/o timeout'),
      "do not reach",
      /firewall/,
    ],
    [
      pulling(
        'failed to do request: Head "https://r/v2": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      ),
      "do not trust the registry's certificate",
      /trust that authority/,
    ],
    [pulling("http: server gave HTTP response to HTTPS client"), "do not trust", /trust/],
    ["no match for platform in manifest: not found", "processor", /built for it/],
    ["write /var/lib/containerd/x: no space left on device", "disk is full", /Make room/],
    [
      pulling(`failed to copy https://r/v2/blobs/sha256:a401b403c404d429${"e".repeat(48)}: connection reset by peer`),
      "do not reach",
      /firewall/,
    ],
  ])("with %j", (message, reason, remedy) => {
    const cause = found(container({ waiting: { reason: "ErrImagePull", message } }));
    expect(cause).toMatchObject({ workload: "DaemonSet ztunnel", pods: { affected: 1, wanted: 1 } });
    expect(cause?.reason).toMatch(/^image docker.io\/istio\/ztunnel:1.31.0-distroless can't be pulled: /);
    expect(cause?.reason).toContain(reason);
    expect(cause?.remedy).toMatch(remedy);
  });

  it("is explained by the event where the kubelet only says that it backs off", () => {
    const events = [
      warning("uid-ztunnel-a", "BackOff", "Error: ImagePullBackOff", "spec.containers{istio-proxy}"),
      warning(
        "uid-ztunnel-a",
        "Failed",
        `Failed to pull image "${image}": ${pulling("not found")}`,
        "spec.containers{istio-proxy}",
      ),
    ];
    const message = `Back-off pulling image "${image}"`;
    expect(found(container({ waiting: { reason: "ImagePullBackOff", message } }), events)?.reason).toContain(
      "no such image",
    );
    const newer = `${message}: ErrImagePull: ${pulling("not found")}`;
    expect(found(container({ waiting: { reason: "ImagePullBackOff", message: newer } }))?.reason).toContain(
      "no such image",
    );
  });

  it("whose address has words of errors in it is not taken for one of those", () => {
    const odd = "registry.example/unauthorized/403/ztunnel:1";
    const status = container({ waiting: { reason: "ErrImagePull", message: `failed to resolve "${odd}": not found` } });
    const pods = [pod("a", status, { containers: [{ name: "istio-proxy", image: odd }] })];
    const [cause] = findings({ workloads: { DaemonSet: [daemonSet(1)] }, pods });
    expect(cause?.reason).toContain("no such image");
  });

  it("is named once for all pods that share it", () => {
    const status = container({ waiting: { reason: "ErrImagePull", message: "not found" } });
    const ready = { phase: "Running", conditions: [{ type: "Ready", status: "True" }] };
    const pods = [pod("a", status), pod("b", status), pod("c", ready)];
    expect(findings({ workloads: { DaemonSet: [daemonSet(3)] }, pods })).toMatchObject([
      { pods: { affected: 2, wanted: 3 } },
    ]);
  });
});

test.each([
  [{ reason: "InvalidImageName", message: "couldn't parse image name" }, /is not the address of an image/],
  [
    { reason: "CreateContainerConfigError", message: 'secret "solo-license" not found' },
    /^secret solo-license does not exist$/,
  ],
  [
    { reason: "CreateContainerConfigError", message: 'configmap "values" not found' },
    /^configmap values does not exist$/,
  ],
  [
    { reason: "CreateContainerConfigError", message: "couldn't find key license in Secret istio-system/solo-license" },
    /^Secret istio-system\/solo-license has no key license$/,
  ],
  [
    { reason: "CreateContainerConfigError", message: "container has runAsNonRoot and image will run as root" },
    /run as root/,
  ],
  [
    {
      reason: "RunContainerError",
      message: 'failed to create containerd task: exec: "/usr/local/bin/x": stat: no such file or directory',
    },
    /lacks what is to be started/,
  ],
  [
    { reason: "CreateContainerError", message: "context deadline exceeded" },
    /can't be made: context deadline exceeded/,
  ],
])("a container that can't be made: %j", (waiting, reason) => {
  expect(found(container({ waiting }))?.reason).toMatch(reason);
});

it("a key that a Secret lacks is added by the command that is named", () => {
  const message = "couldn't find key license in Secret istio-system/solo-license";
  expect(found(container({ waiting: { reason: "CreateContainerConfigError", message } }))?.remedy).toContain(
    "kubectl edit secret solo-license -n istio-system",
  );
});

describe("a container that ends", () => {
  const crash = (terminated: object) =>
    container(
      { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s restarting failed container" } },
      { restartCount: 6, lastState: { terminated } },
    );

  it("is shown with its last lines", () => {
    const text = "info starting\nerror failed to connect: no identity";
    const cause = found(crash({ exitCode: 1, reason: "Error" }), [], { "ztunnel-a/istio-proxy": text });
    expect(cause).toMatchObject({
      reason: "container istio-proxy crashes with exit code 1 (6 restarts)",
      log: { pod: "ztunnel-a", container: "istio-proxy", text },
    });
  });

  it("for memory says its limit", () => {
    expect(found(crash({ exitCode: 137, reason: "OOMKilled" }))?.reason).toBe(
      "container istio-proxy was killed, since it needs more memory than it may have, its limit is 128Mi (6 restarts)",
    );
  });

  it.each([
    ["failed to create fsnotify watcher: too many open files", /inotify/, /max_user_instances/],
    ["error license is expired on 2026-01-01", /licence/, /flatmesh:license/],
    ["modprobe: can't initialize iptables table `nat'", /iptables/, /kernel modules/],
    ["exec /usr/local/bin/ztunnel: exec format error", /processor/, /built for it/],
    ["open /var/run/ztunnel/ztunnel.sock: permission denied", /SELinux/, /platform/],
  ])("with %j says what helps", (log, reason, remedy) => {
    const cause = found(crash({ exitCode: 255, reason: "Error" }), [], { "ztunnel-a/istio-proxy": log });
    expect(cause?.reason).toMatch(reason);
    expect(cause?.remedy).toMatch(remedy);
  });

  it.each([
    "failed to load: open /etc/istio/config/mesh: no such file or directory",
    'waiting: configmap "istio-ca-root-cert" not found',
    "iptables has to run as root",
  ])("is not taken for one that can't be made by what its program says: %j", (log) => {
    const cause = found(crash({ exitCode: 1, reason: "Error" }), [], { "ztunnel-a/istio-proxy": log });
    expect(cause).toMatchObject({
      reason: "container istio-proxy crashes with exit code 1 (6 restarts)",
      remedy: "Its last lines say why; mend that and run pulumi up again.",
    });
  });

  it("before it began says what its image lacks", () => {
    const message = 'failed to create containerd task: exec: "/usr/local/bin/x": stat: no such file or directory';
    expect(found(crash({ exitCode: 128, reason: "StartError", message }))?.reason).toBe(
      "container istio-proxy crashes with exit code 128 (6 restarts): its image lacks what is to be started (no such file or directory)",
    );
  });

  it("is seen in init containers as well, and one that is done is nothing", () => {
    const status = {
      phase: "Pending",
      initContainerStatuses: [
        { name: "done", ready: true, restartCount: 0, state: { terminated: { exitCode: 0, reason: "Completed" } } },
        { name: "init", ready: false, restartCount: 2, state: { terminated: { exitCode: 2, reason: "Error" } } },
      ],
      containerStatuses: [
        { name: "istio-proxy", ready: false, restartCount: 0, state: { waiting: { reason: "PodInitializing" } } },
      ],
    };
    expect(found(status)?.reason).toBe("container init fails with exit code 2 (2 restarts)");
  });
});

it("a container that runs and is not ready is shown with what its probe says", () => {
  const probe = "Readiness probe failed: HTTP probe failed with statuscode: 503";
  const events = [warning("uid-ztunnel-a", "Unhealthy", probe, "spec.containers{istio-proxy}")];
  const log = { "ztunnel-a/istio-proxy": "XDS client connection error" };
  expect(found(container({ running: { startedAt: "x" } }), events, log)).toMatchObject({
    reason: `container istio-proxy runs, but is not ready: ${probe}`,
    log: { text: "XDS client connection error" },
  });
});

describe("a pod without a node", () => {
  const unscheduled = (message: string) => ({
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }],
  });
  it.each([
    [
      "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found.",
      /enough cpu/,
    ],
    ["0/3 nodes are available: 1 Insufficient memory, 2 Insufficient cpu.", /enough memory.*enough cpu/],
    ["0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", /enough nvidia.com\/gpu left/],
    [
      "0/1 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }. preemption: none",
      /taint node-role.kubernetes.io\/control-plane,/,
    ],
    ["0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: infra}.", /taint dedicated=infra,/],
    [
      "0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.",
      /nodes are not ready$/,
    ],
    ["0/2 nodes are available: 2 node(s) were unschedulable.", /cordoned/],
    ["0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", /node selector or affinity/],
    ["0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", /port/],
    ["no nodes available to schedule pods", /has no nodes/],
    ["0/1 nodes are available: 1 Too many pods.", /as many pods as they may/],
    ["0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", /volume/],
    ["0/1 nodes are available: 1 something new.", /something new/],
  ])("for %j", (message, reason) => {
    const pods = [pod("a", unscheduled(message), { owner: "rs", nodeName: undefined })];
    const [cause] = findings({ workloads: deployment(), pods });
    expect(cause?.workload).toBe("Deployment istiod");
    expect(cause?.reason).toMatch(reason);
  });

  it("of a DaemonSet is for one node, so that the others do not match it", () => {
    const message =
      "0/3 nodes are available: 1 Insufficient memory, 2 node(s) didn't match Pod's node affinity/selector. preemption: x";
    const pods = [pod("a", unscheduled(message), { nodeName: undefined })];
    const [cause] = findings({ workloads: { DaemonSet: [daemonSet(3)] }, pods });
    expect(cause?.reason).toBe("no node takes it: no node has enough memory left");
  });
});

test.each([
  [
    "FailedMount",
    'MountVolume.SetUp failed for volume "license" : secret "solo-license" not found',
    /secret solo-license, which it mounts/,
  ],
  [
    "FailedMount",
    'MountVolume.SetUp failed for volume "istiod-ca-cert" : configmap "istio-ca-root-cert" not found',
    /istiod has not published/,
  ],
  [
    "FailedMount",
    'MountVolume.SetUp failed for volume "cni-bin-dir" : hostPath type check failed: /opt/cni/bin is not a directory',
    /no \/opt\/cni\/bin/,
  ],
  [
    "FailedMount",
    'MountVolume.SetUp failed for volume "x" : something else',
    /a volume can't be mounted: .*something else/,
  ],
  [
    "FailedCreatePodSandBox",
    'Failed to create pod sandbox: plugin type="istio-cni" name="istio-cni" failed (add): unable to push CNI event (status code 500)',
    /CNI plugin istio-cni/,
  ],
  [
    "FailedCreatePodSandBox",
    'plugin type="multus" failed: failed to find plugin "istio-cni" in path [/opt/cni/bin]',
    /names plugin istio-cni/,
  ],
  [
    "FailedCreatePodSandBox",
    'plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container',
    /no pod addresses/,
  ],
  [
    "NetworkNotReady",
    "network is not ready: container runtime network not ready: cni plugin not initialized",
    /no CNI plugin that is ready/,
  ],
])("a pod on a node that waits by %s: %j", (reason, message, expected) => {
  const status = {
    phase: "Pending",
    containerStatuses: [
      { name: "istio-proxy", ready: false, restartCount: 0, state: { waiting: { reason: "ContainerCreating" } } },
    ],
  };
  expect(found(status, [warning("uid-ztunnel-a", reason, message)])?.reason).toMatch(expected);
});

test("pods that were evicted, on nodes that went away, or that are being deleted", () => {
  const evicted = { phase: "Failed", reason: "Evicted", message: "The node was low on resource: ephemeral-storage." };
  expect(found(evicted)?.reason).toBe(
    "node node-1 turned it away (Evicted): The node was low on resource: ephemeral-storage.",
  );
  const lost = {
    phase: "Running",
    containerStatuses: [{ name: "istio-proxy", ready: true, restartCount: 0, state: { running: {} } }],
  };
  expect(found(lost, [warning("uid-ztunnel-a", "NodeNotReady", "Node is not ready")])?.reason).toBe(
    "node node-1 is not ready",
  );
  const gone = pod("a", container({ waiting: { reason: "ErrImagePull", message: "not found" } }));
  const deleted = { ...gone, metadata: { ...gone.metadata, deletionTimestamp: "2026-11-28T10:00:00Z" } };
  expect(findings({ workloads: { DaemonSet: [daemonSet(0)] }, pods: [deleted] })).toEqual([]);
});
