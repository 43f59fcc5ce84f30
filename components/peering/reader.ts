import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Cluster, inside } from "../clusters";
import { systemNamespace } from "../mesh";

/** Name of the account, and of what gives it its rights. */
export const readerAccount = "istio-remote-reader";

/** An informer lists, and then watches. */
const verbs = ["list", "watch"];

/**
 * What istiod 1.31 has informers for in a cluster of others (pkg/kube/multicluster, pilot/pkg/serviceregistry/kube/controller and
 * pilot/pkg/credentials/kube in istio/istio): it takes the cluster for synced when it could list each of these. Istio's own
 * istio-reader-service-account may also review tokens and access, export services, and read all ConfigMaps, all that is Istio's,
 * ReplicaSets: that is for control planes that serve the proxies of another cluster, and here each serves its own.
 */
const clusterRules = [
  { apiGroups: [""], resources: ["namespaces", "nodes", "pods", "services"], verbs },
  // For the certificates of another cluster's gateways, of which there are none to serve; but without the right istiod never has
  // the cluster synced, and with PILOT_ENABLE_REMOTE_CREDENTIALS_CONTROLLER: "false", which should spare it, 1.31 panics
  // (CredentialsController.HasSynced of nil).
  { apiGroups: [""], resources: ["secrets"], verbs },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs },
  { apiGroups: ["networking.istio.io"], resources: ["workloadentries"], verbs },
  { apiGroups: ["gateway.networking.k8s.io"], resources: ["gateways"], verbs },
  { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs },
];

/** The other mesh's trust domain stands in its ConfigMap `istio`, which is watched by its name. */
const namespaceRules = [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs }];

/** The account by which the control planes of other clusters read a cluster, with the least rights that do. */
export class Reader extends pulumi.ComponentResource {
  /** What has to be there before a token of it. */
  readonly account: k8s.core.v1.ServiceAccount;

  constructor(cluster: Cluster, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:Reader", `${cluster.scope}-${readerAccount}`, {}, inside(cluster, opts));
    const name = `${cluster.scope}-${readerAccount}`;
    const child = { parent: this, ...(opts?.dependsOn && { dependsOn: opts.dependsOn }) };
    const metadata = { name: readerAccount };
    const inNamespace = { ...metadata, namespace: systemNamespace };
    const subjects = [{ kind: "ServiceAccount", name: readerAccount, namespace: systemNamespace }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", name: readerAccount };

    this.account = new k8s.core.v1.ServiceAccount(
      name,
      // No pod runs as it.
      { metadata: inNamespace, automountServiceAccountToken: false },
      child,
    );
    new k8s.rbac.v1.ClusterRole(name, { metadata, rules: clusterRules }, child);
    new k8s.rbac.v1.ClusterRoleBinding(
      name,
      { metadata, subjects, roleRef: { ...roleRef, kind: "ClusterRole" } },
      child,
    );
    new k8s.rbac.v1.Role(name, { metadata: inNamespace, rules: namespaceRules }, child);
    new k8s.rbac.v1.RoleBinding(
      name,
      { metadata: inNamespace, subjects, roleRef: { ...roleRef, kind: "Role" } },
      child,
    );
    this.registerOutputs();
  }
}
