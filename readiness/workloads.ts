/**
 * The mesh's workloads, as far as admission, quotas and limit ranges look at them. The charts make them; test/render/readiness.test.ts
 * compares these with what they make.
 */

/** A workload of istio-system. */
export interface Workload {
  readonly name: string;
  readonly kind: "Deployment" | "DaemonSet";
  /** What each of its pods requests. None has a limit. */
  readonly requests: { readonly cpu: string; readonly memory: string };
  readonly priorityClassName?: string;
  /** What Pod Security Standards are about. */
  readonly securityContext: object;
  /** Paths of the node that its pods mount. */
  readonly hostPaths: readonly string[];
}

export const workloads: readonly Workload[] = [
  {
    name: "istiod",
    kind: "Deployment",
    requests: { cpu: "500m", memory: "2048Mi" },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    },
    hostPaths: [],
  },
  {
    name: "istio-cni-node",
    kind: "DaemonSet",
    requests: { cpu: "100m", memory: "100Mi" },
    priorityClassName: "system-node-critical",
    securityContext: {
      privileged: false,
      runAsGroup: 0,
      runAsUser: 0,
      runAsNonRoot: false,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "NET_RAW", "SYS_PTRACE", "SYS_ADMIN", "DAC_OVERRIDE"] },
    },
    hostPaths: ["/opt/cni/bin", "/proc", "/var/run/ztunnel", "/etc/cni/net.d", "/var/run/istio-cni", "/var/run/netns"],
  },
  {
    name: "ztunnel",
    kind: "DaemonSet",
    requests: { cpu: "200m", memory: "512Mi" },
    priorityClassName: "system-node-critical",
    securityContext: {
      allowPrivilegeEscalation: true,
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsGroup: 1337,
      runAsNonRoot: false,
      runAsUser: 0,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN", "SYS_ADMIN", "NET_RAW"] },
    },
    hostPaths: ["/var/run/ztunnel"],
  },
];

/** A pod of a workload, to be asked about: it runs nothing. */
export function podTemplate({ name, requests, priorityClassName, securityContext, hostPaths }: Workload): object {
  return {
    metadata: { labels: { app: name, "app.kubernetes.io/part-of": "istio" } },
    spec: {
      automountServiceAccountToken: false,
      ...(priorityClassName !== undefined && { priorityClassName }),
      containers: [
        {
          name: "istio",
          image: `docker.io/istio/${name}`,
          resources: { requests },
          securityContext,
          volumeMounts: hostPaths.map((path, index) => ({ name: `host-${String(index)}`, mountPath: `/host${path}` })),
        },
      ],
      volumes: hostPaths.map((path, index) => ({ name: `host-${String(index)}`, hostPath: { path } })),
    },
  };
}
