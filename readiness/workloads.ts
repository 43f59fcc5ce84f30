/**
 * The mesh's workloads, as far as admission, quotas and limit ranges look at them. The charts make them; test/render/readiness.test.ts
 * compares these with what they make.
 */
import type { Labels } from "./selectors";

/** Amounts by resource, as Kubernetes writes them: `{ cpu: "500m", memory: "2Gi" }`. */
export type Amounts = Readonly<Record<string, string>>;

/** A workload of istio-system. */
export interface Workload {
  readonly name: string;
  readonly kind: "Deployment" | "DaemonSet";
  /** The number of pods that a Deployment starts with; a DaemonSet has one on each node that `nodeSelector` selects. */
  readonly pods: number;
  readonly nodeSelector: Labels;
  /** What each of its pods requests, and may have at most. */
  readonly requests: Amounts;
  readonly limits: Amounts;
  readonly priorityClassName?: string;
  /** What Pod Security Standards are about. */
  readonly securityContext: object;
  /** Paths of the node that its pods mount. */
  readonly hostPaths: readonly string[];
  /** The settings that change what it needs. */
  readonly settings: WorkloadSettings;
  /** Whether some of it is encrypted in the stack's configuration, and not to be shown. */
  readonly secret: boolean;
}

/** Settings by their paths, such as `clusters[0].istiod.resources`. */
export interface WorkloadSettings {
  readonly resources: string;
  /** Absent where there is no less than the default. */
  readonly pods?: string | undefined;
  /** Absent where the chart chooses the class, or none. */
  readonly priorityClassName?: string | undefined;
}

/** What a workload has where nobody says otherwise. */
const plain = { pods: 1, nodeSelector: {}, limits: {}, secret: false } as const;

/** The workloads as the charts make them by default. */
export const defaultWorkloads: readonly Workload[] = [
  {
    ...plain,
    name: "istiod",
    settings: { resources: "istiod.resources" },
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
    ...plain,
    name: "istio-cni-node",
    settings: { resources: "cni.resources" },
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
    ...plain,
    name: "ztunnel",
    settings: { resources: "ztunnel.resources" },
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

/** A pod of no special rights, such as the demo's; gateways' have a few fields more, none of which `baseline` minds. */
export const plainWorkload: Workload = {
  ...plain,
  name: "plain",
  kind: "Deployment",
  requests: { cpu: "100m", memory: "128Mi" },
  securityContext: {},
  hostPaths: [],
  settings: { resources: "" },
};

/** A pod of a workload, to be asked about: it runs nothing. */
export function podTemplate(workload: Workload): object {
  const { name, requests, limits, priorityClassName, securityContext, hostPaths } = workload;
  return {
    metadata: { labels: { app: name, "app.kubernetes.io/part-of": "istio" } },
    spec: {
      automountServiceAccountToken: false,
      ...(priorityClassName !== undefined && { priorityClassName }),
      containers: [
        {
          name: "istio",
          image: `docker.io/istio/${name}`,
          resources: { requests, ...(Object.keys(limits).length > 0 && { limits }) },
          securityContext,
          volumeMounts: hostPaths.map((path, index) => ({ name: `host-${String(index)}`, mountPath: `/host${path}` })),
        },
      ],
      volumes: hostPaths.map((path, index) => ({ name: `host-${String(index)}`, hostPath: { path } })),
    },
  };
}

/** What stands in place of what is encrypted. */
const hidden = "[secret]";

/** An amount of a workload, as a message may show it. */
export function shownAmount({ secret }: Pick<Workload, "secret">, amount: string): string {
  return secret ? hidden : amount;
}

/** What an API server says of a workload, without what is encrypted: it writes amounts in another form than the settings. */
export function shownMessage({ secret, priorityClassName }: Workload, message: string): string {
  const named = secret && priorityClassName !== undefined ? message.replaceAll(priorityClassName, hidden) : message;
  return secret ? named.replace(/(?<![\w.-])\d+(?:\.\d+)?(?:[numkMGTPE]|[KMGTPE]i)?(?![\w.])/g, hidden) : named;
}
