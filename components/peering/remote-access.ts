import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Refusal } from "../../settings";
import { type Cluster, inside } from "../clusters";

/** The service account that Istio's base chart makes for the control planes of other clusters, with its rights. */
const reader = "istio-reader-service-account";

/**
 * The kubeconfig with which the control planes of other clusters read this one's services and pods (community
 * distribution). Its token lives as long as the Secret: deleting the cluster's mesh revokes it.
 */
export class RemoteAccess extends pulumi.ComponentResource {
  /** YAML, a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(cluster: Cluster, opts?: pulumi.ComponentResourceOptions) {
    super("flatmesh:peering:RemoteAccess", `${cluster.scope}-remote-access`, {}, inside(cluster, opts));
    const token = new k8s.core.v1.Secret(
      `${cluster.scope}-istio-reader-token`,
      {
        metadata: {
          name: "istio-reader-token",
          namespace: "istio-system",
          annotations: {
            "kubernetes.io/service-account.name": reader,
            "pulumi.com/waitFor": "jsonpath={.data.token}",
          },
        },
        type: "kubernetes.io/service-account-token",
      },
      {
        parent: this,
        additionalSecretOutputs: ["data"],
        ...(opts?.dependsOn && { dependsOn: opts.dependsOn }),
      },
    );
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([token.data, cluster.peerServer])
        .apply(([data, server]) => readerKubeconfig(cluster.name, server, data)),
    );
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}

function readerKubeconfig(name: string, server: string, data: Readonly<Record<string, string>>): string {
  const { token, "ca.crt": certificateAuthority } = data;
  if (token === undefined || certificateAuthority === undefined) {
    throw new Refusal(
      `Cluster ${name}: Secret istio-system/istio-reader-token has no token. See that ServiceAccount ${reader} exists ` +
        "and that the cluster's controller manager runs, then run pulumi up again.",
    );
  }
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server, "certificate-authority-data": certificateAuthority } }],
    users: [{ name, user: { token: Buffer.from(token, "base64").toString("utf8") } }],
  });
}

/** The Secret by which istiod of `cluster` reads the services and pods of a peer. */
export class RemoteSecret extends k8s.core.v1.Secret {
  constructor(cluster: Cluster, peer: string, kubeconfig: pulumi.Input<string>, opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-remote-secret-${peer}`,
      {
        metadata: {
          name: `istio-remote-secret-${peer}`,
          namespace: "istio-system",
          labels: { "istio/multiCluster": "true" },
          annotations: { "networking.istio.io/cluster": peer },
        },
        stringData: { [peer]: kubeconfig },
      },
      opts,
    );
  }
}
