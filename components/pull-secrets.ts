import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** A Secret that images are pulled with. */
export interface PullSecret {
  readonly name: string;
  /** What it is made of; absent if it is there already. */
  readonly registry?: RegistryLogin | undefined;
}

export interface RegistryLogin {
  /** Host of the registry, with its port. */
  readonly server: string;
  readonly username: string;
  /** A secret. */
  readonly password: string;
}

/** Name of a Secret's resource, after the name prefix of its cluster. */
export function pullSecretResource(namespace: string, name: string): string {
  return `${namespace}-pull-secret-${name}`;
}

/**
 * Makes those of the Secrets that are not there already.
 *
 * @param opts Of what is inside the namespace.
 * @returns What the pods depend on that are pulled with them.
 */
export function makePullSecrets(
  namePrefix: string,
  namespace: string,
  secrets: readonly PullSecret[] = [],
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.Secret[] {
  return secrets.flatMap(({ name, registry }) =>
    registry === undefined
      ? []
      : [
          new k8s.core.v1.Secret(
            `${namePrefix}-${pullSecretResource(namespace, name)}`,
            {
              metadata: { name, namespace },
              type: "kubernetes.io/dockerconfigjson",
              stringData: pulumi.secret({ ".dockerconfigjson": dockerConfig(registry) }),
            },
            opts,
          ),
        ],
  );
}

/** As `kubectl create secret docker-registry` writes it. */
function dockerConfig({ server, username, password }: RegistryLogin): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [server]: { username, password, auth } } });
}
