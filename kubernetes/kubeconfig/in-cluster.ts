/**
 * The kubeconfig of a pod's own cluster: what `rest.InClusterConfig` of kubernetes/client-go and `loadFromCluster` of
 * `@kubernetes/client-node` read, as a text that kubectl, Helm and Pulumi's plugin take as any other. Token and authority stay in
 * their files: the kubelet renews the token there, and no state has it.
 */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { KubeconfigError } from "./error";

/** Where the kubelet mounts the service account of a pod. */
const mounted = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Whether a file is one that the kubelet mounts for the pod's service account. */
export function isOfServiceAccount(file: string): boolean {
  return file.startsWith(`${mounted}/`);
}

/**
 * @param where What asks for it, for messages.
 * @param folder That has the service account.
 * @throws KubeconfigError with what is missing, where this does not run in a pod with a service account.
 */
export function inClusterKubeconfig(where: string, folder = mounted): string {
  const [host = "", port = ""] = ["HOST", "PORT"].map((part) => process.env[`KUBERNETES_SERVICE_${part}`]);
  const [token, authority] = [join(folder, "token"), join(folder, "ca.crt")];
  const missing = [
    ...(host && port ? [] : ["the variables KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT"]),
    ...[token, authority].filter((file) => !isReadable(file)).map((file) => `the file ${file}`),
  ];
  if (missing.length > 0) {
    throw new KubeconfigError(
      where,
      `is in-cluster, the service account of the pod that runs Pulumi, and this does not run in such a pod, which would have ` +
        missing.join(" and "),
      "run it in a pod of the cluster, with a service account whose token is mounted (automountServiceAccountToken), or give " +
        "kubeconfig or context",
    );
  }
  const name = "in-cluster";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [
      {
        name,
        cluster: {
          server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
          "certificate-authority": authority,
        },
      },
    ],
    users: [{ name, user: { tokenFile: token } }],
  });
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
