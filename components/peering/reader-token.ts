import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../../settings";
import type { Cluster } from "../clusters";
import { systemNamespace } from "../mesh";
import { remoteKubeconfig } from "../../stacks/peer-outputs";
import { readerAccount } from "./reader";
import { tokenName } from "./token-renewal";

export interface ReaderTokenArgs {
  /** The cluster whose control plane has it; absent for the one that is for all clusters of other stacks. */
  readonly holder?: string;
  /** Counted from 1: a renewed token stands beside the one that it follows. */
  readonly generation: number;
}

/** A token of a cluster's reader. It is valid as long as this Secret is there. */
export class ReaderToken extends k8s.core.v1.Secret {
  constructor(cluster: Cluster, { holder, generation }: ReaderTokenArgs, opts: pulumi.CustomResourceOptions) {
    const name = tokenName({ generation, ...(holder !== undefined && { holder }) });
    super(
      `${cluster.scope}-${name}`,
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

  /** A kubeconfig with this token (YAML, a secret). */
  kubeconfig({ name, peerServer }: Cluster): pulumi.Output<string> {
    return pulumi.secret(
      pulumi.all([this.data, peerServer]).apply(([data, server]) => {
        const { token, "ca.crt": certificateAuthority } = data;
        if (token === undefined || certificateAuthority === undefined) {
          throw new PreconditionError(
            `Cluster ${name}: a token of ServiceAccount ${systemNamespace}/${readerAccount} was not filled in. See that the ` +
              "account exists and that the cluster's controller manager runs, then run pulumi up again.",
            "docs/community.md#tokens",
          );
        }
        const user = { token: Buffer.from(token, "base64").toString("utf8") };
        return remoteKubeconfig({ name, server, authority: certificateAuthority, user });
      }),
    );
  }
}
