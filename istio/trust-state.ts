import type { X509Certificate } from "node:crypto";

/** A workload's certificate, as the proxy has it that carries the workload's traffic. */
export interface WorkloadCertificate {
  /** The proxy's pod, as `<namespace>/<name>`: a ztunnel, a gateway, or the workload itself with its sidecar. */
  readonly pod: string;
  /** SPIFFE name of the workload. */
  readonly identity: string;
  /** The workload's own certificate first, then the authorities above it. */
  readonly chain: readonly X509Certificate[];
  /** The roots that the proxy accepts others by. */
  readonly roots: readonly X509Certificate[];
}

/** The state of a cluster that could not be read: nothing but the reasons. */
export function unreadTrust(cluster: string, ...unseen: readonly string[]): TrustState {
  return { cluster, issuers: [], workloads: [], outdated: [], perhapsOutdated: [], unseen };
}

/** What a cluster signs with, and what its workloads have of it. */
export interface TrustState {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  /** The Secret `cacerts`; absent where there is none. */
  readonly cacerts?: {
    readonly trusted: readonly X509Certificate[];
    /** What istiod signs with, then the authorities above it. */
    readonly chain: readonly X509Certificate[];
  };
  /** What each running istiod signs with: it may not have loaded what is in the Secret. */
  readonly issuers: readonly { readonly pod: string; readonly certificate: X509Certificate }[];
  /** The roots that istiod publishes to its clients (ConfigMap `istio-ca-root-cert`); absent where no istiod runs. */
  readonly published?: readonly X509Certificate[];
  readonly workloads: readonly WorkloadCertificate[];
  /** Pods of ztunnels that read the roots by which they verify istiod before istiod published the current ones. */
  readonly outdated: readonly string[];
  /** Pods of ztunnels that may have done so as well: they were started before, and don't report their version. */
  readonly perhapsOutdated: readonly string[];
  /** What could not be read, a sentence each. */
  readonly unseen: readonly string[];
}
