import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../clusters";
import { systemNamespace } from "../mesh";

/** Name of the Secret by which a cluster reads a peer. */
export function remoteSecretName(peer: string): string {
  return `istio-remote-secret-${peer}`;
}

/** The Secret by which istiod of `cluster` reads the services and pods of a peer. */
export class RemoteSecret extends k8s.core.v1.Secret {
  constructor(cluster: Cluster, peer: string, kubeconfig: pulumi.Input<string>, opts: pulumi.CustomResourceOptions) {
    super(
      `${cluster.scope}-remote-secret-${peer}`,
      {
        metadata: {
          name: remoteSecretName(peer),
          namespace: systemNamespace,
          labels: { "istio/multiCluster": "true" },
          annotations: { "networking.istio.io/cluster": peer },
        },
        stringData: { [peer]: kubeconfig },
      },
      opts,
    );
  }
}
