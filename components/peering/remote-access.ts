import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../diagnostics";
import { remoteKubeconfig } from "../../stacks/peer-outputs";
import { systemNamespace } from "../mesh";
import { type Generations, tokenName } from "./token-renewal";

export interface RemoteAccessArgs {
  /** Name of the cluster in the mesh. */
  readonly clusterName: string;
  /** What the Pulumi names of all resources inside the cluster begin with: see {@link Cluster.namePrefix}. */
  readonly namePrefix: string;
  /** Whether its API server's address comes from a given kubeconfig, and may only be valid on one machine. */
  readonly existingCluster: boolean;
  /** URL of its API server as pods of the other clusters reach it. */
  readonly apiServerUrl: pulumi.Input<string>;
  /** The name that the certificate there has to have, if not that of the URL. */
  readonly tlsServerName?: string;
  /** For each cluster of this stack whose control plane reads this one, by name: the generation of its token, from 1. */
  readonly holders: Readonly<Record<string, number>>;
  /** The generations of the token for control planes of other stacks, those of `peerStacks`; absent if none may read it. */
  readonly others?: Generations;
}

/**
 * How the control planes of other clusters read this one's services and pods (community distribution): one token for each of this
 * stack's, which is deleted with the link, and one for those of other stacks.
 */
export class RemoteAccess extends pulumi.ComponentResource {
  /** For the clusters of other stacks: a kubeconfig (YAML), a secret; absent if none may read it. */
  readonly kubeconfig?: pulumi.Output<string>;
  /** For those of this stack: by cluster, secrets as well. */
  readonly kubeconfigs: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: RemoteAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:RemoteAccess", name, args, opts);
    const { clusterName, namePrefix, others } = args;
    if (args.existingCluster) {
      pulumi.output(args.apiServerUrl).apply((url) => {
        checkUrl(clusterName, url);
      });
    }
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const reader = new Reader(
      `${namePrefix}-${readerAccount}`,
      { namespace: systemNamespace },
      { parent: this, dependsOn },
    );
    const child = { parent: this, dependsOn: [...dependsOn, reader.account] };
    const kubeconfig = (token: string) => readerKubeconfig(args, readerToken(`${namePrefix}-${token}`, token, child));

    if (others !== undefined) {
      const { current, previous } = others;
      if (previous !== undefined) {
        const token = tokenName({ generation: previous });
        readerToken(`${namePrefix}-${token}`, token, child);
      }
      this.kubeconfig = kubeconfig(tokenName({ generation: current }));
    }
    this.kubeconfigs = new Map(
      // Its holder takes the next generation in the same update, before the engine deletes this one.
      Object.entries(args.holders).map(([holder, generation]) => [
        holder,
        kubeconfig(tokenName({ generation, holder })),
      ]),
    );
    this.registerOutputs(this.kubeconfig && { kubeconfig: this.kubeconfig });
  }
}

/** Stops a plan that would give peers a loopback address. */
function checkUrl(clusterName: string, url: string): void {
  if (/^https?:\/\/(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\])(?=[:/]|$)/.test(url)) {
    throw new PreconditionError(
      `Cluster ${clusterName}: its kubeconfig has the API server at ${url}, where the control planes of other clusters ` +
        "can't reach it. Set apiServer on the cluster to a URL that they can.",
      "docs/community.md#the-api-servers-address",
    );
  }
}

/** Name of the account, and of its role and binding. */
export const readerAccount = "istio-remote-reader";

/** An informer lists, and then watches. */
const verbs = ["list", "watch"];

/**
 * What istiod 1.31 has informers for in a remote cluster (pkg/kube/multicluster, pilot/pkg/serviceregistry/kube/controller and
 * pilot/pkg/credentials/kube in istio/istio): it considers the cluster synced when it could list each of these. Istio's own
 * istio-reader-service-account may also review tokens and access, export services, and read all ConfigMaps, all that is Istio's,
 * ReplicaSets: those are for control planes that serve another cluster's proxies, and here each serves its own.
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

export interface ReaderArgs {
  /** Namespace of the account. */
  readonly namespace: string;
}

/** The account by which the control planes of other clusters read a cluster, with the least rights that suffice. */
export class Reader extends pulumi.ComponentResource {
  /** What a token of it depends on. */
  readonly account: k8s.core.v1.ServiceAccount;

  constructor(name: string, args: ReaderArgs, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:Reader", name, args, opts);
    const { namespace } = args;
    const child = { parent: this, dependsOn: opts?.dependsOn };
    const metadata = { name: readerAccount };
    const inNamespace = { ...metadata, namespace };
    const subjects = [{ kind: "ServiceAccount", name: readerAccount, namespace }];
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

/** A token of a cluster's reader. It is valid as long as this Secret exists. */
function readerToken(resource: string, name: string, opts: pulumi.CustomResourceOptions): k8s.core.v1.Secret {
  return new k8s.core.v1.Secret(
    resource,
    {
      metadata: {
        name,
        namespace: systemNamespace,
        annotations: {
          "kubernetes.io/service-account.name": readerAccount,
          "pulumi.com/waitFor": "jsonpath={.data.token}",
        },
      },
      type: "kubernetes.io/service-account-token",
    },
    { ...opts, additionalSecretOutputs: ["data"] },
  );
}

/** A kubeconfig with a token of a cluster's reader (YAML, a secret). */
function readerKubeconfig(
  { clusterName, apiServerUrl, tlsServerName }: RemoteAccessArgs,
  token: k8s.core.v1.Secret,
): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([token.data, apiServerUrl]).apply(([data, server]) => {
      const { token, "ca.crt": authority } = data;
      if (token === undefined || authority === undefined) {
        throw new PreconditionError(
          `Cluster ${clusterName}: a token of ServiceAccount ${systemNamespace}/${readerAccount} was not filled in. See that the ` +
            "account exists and that the cluster's controller manager runs, then run pulumi up again.",
          "docs/community.md#tokens",
        );
      }
      const user = { token: Buffer.from(token, "base64").toString("utf8") };
      return remoteKubeconfig({
        name: clusterName,
        server,
        authority,
        user,
        ...(tlsServerName !== undefined && { tlsServerName }),
      });
    }),
  );
}

/** Name of the Secret by which a cluster reads a peer. */
export function remoteSecretName(peer: string): string {
  return `istio-remote-secret-${peer}`;
}

export interface RemoteSecretArgs {
  /** The mesh's name of the cluster that is read. */
  readonly peer: string;
  /** A kubeconfig of it, YAML. Not recorded: the Secret has it. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Whether the peer can't be seen from here: the Secret stays as the state has it. */
  readonly asRecorded?: boolean;
}

/** The Secret by which istiod of the cluster that it is in reads the services and pods of a peer. */
export class RemoteSecret extends pulumi.ComponentResource {
  constructor(
    name: string,
    { peer, kubeconfig, asRecorded }: RemoteSecretArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("flatmesh:peering:RemoteSecret", name, { peer }, opts);
    new k8s.core.v1.Secret(
      name,
      {
        metadata: {
          name: remoteSecretName(peer),
          namespace: systemNamespace,
          labels: { "istio/multiCluster": "true" },
          annotations: { "networking.istio.io/cluster": peer },
        },
        stringData: { [peer]: kubeconfig },
      },
      {
        parent: this,
        dependsOn: opts?.dependsOn,
        aliases: [{ parent: opts?.parent }],
        ignoreChanges: asRecorded ? ["stringData"] : [],
      },
    );
    this.registerOutputs();
  }
}
