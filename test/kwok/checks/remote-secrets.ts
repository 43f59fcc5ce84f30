import type { Environment } from "../environment";
import { added, changed, type Fault, patched } from "./fault";

const secret = ["cluster-1", "secret", "istio-remote-secret-cluster-2", "istio-system"] as const;
const label = "istio/multiCluster";

/** Changes the kubeconfig in a remote secret. */
function rewritten(change: (kubeconfig: string, environment: Environment) => string): Pick<Fault, "breaks" | "mends"> {
  return changed(secret, (environment) => {
    const { data } = environment.get(...secret) as unknown as { readonly data: Readonly<Record<string, string>> };
    const text = Buffer.from(data["cluster-2"] ?? "", "base64").toString();
    const encoded = Buffer.from(change(text, environment)).toString("base64");
    environment.strategicPatch("cluster-1", ["secret", secret[2], secret[3]], { data: { "cluster-2": encoded } });
  });
}

/** What is wrong with the credentials that one control plane has for another. */
export const remoteSecretFaults: readonly Fault[] = [
  {
    fault: "no Secret",
    ...patched(secret, { metadata: { labels: { [label]: null } } }, { metadata: { labels: { [label]: "true" } } }),
    message: /no Secret with the label istio\/multiCluster=true has credentials for cluster-2/,
  },
  {
    fault: "an annotation that disagrees",
    command: true,
    ...patched(
      secret,
      { metadata: { annotations: { "networking.istio.io/cluster": "cluster-3" } } },
      { metadata: { annotations: { "networking.istio.io/cluster": "cluster-2" } } },
    ),
    message: /is for cluster-2 by its data, but for cluster-3 by its annotation/,
  },
  {
    fault: "a token that the API server does not know",
    ...rewritten((text) => text.replace(/token: .*/, "token: invented")),
    message: /the API server of cluster-2 refuses its credentials: Unauthorized/,
  },
  {
    fault: "the authority of another cluster",
    ...rewritten((text, environment) => {
      const { data } = environment.get("cluster-1", "configmap", "kube-root-ca.crt", "kube-system") as unknown as {
        readonly data: Readonly<Record<string, string>>;
      };
      const authority = Buffer.from(data["ca.crt"] ?? "").toString("base64");
      return text.replace(/certificate-authority-data: .*/, `certificate-authority-data: ${authority}`);
    }),
    message: /the API server of cluster-2 can't be reached with the certificate authority in it/,
  },
  {
    fault: "the server of another cluster",
    ...rewritten((text, environment) => {
      const own = environment.kubectl("cluster-1", "config", "view", "-o", "jsonpath={.clusters[0].cluster.server}");
      return text.replace(/server: .*/, `server: ${own}`);
    }),
    message: /for cluster-2, which is the API server of cluster-1: istiod would read the wrong cluster/,
  },
  {
    fault: "no token",
    ...rewritten((text) => text.replace(/token: .*/, "password: nothing")),
    message: /has neither a token nor a client certificate/,
  },
  {
    fault: "no kubeconfig",
    ...rewritten(() => "kind: Config"),
    message: /has no current context/,
  },
  {
    fault: "a Secret for a cluster that has left",
    command: true,
    ...added("cluster-1", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "istio-remote-secret-gone", namespace: "istio-system", labels: { [label]: "true" } },
      stringData: { gone: "kind: Config" },
    }),
    message: /credentials for gone, to which cluster-1 has no link/,
  },
  {
    fault: "a Secret for the cluster itself",
    command: true,
    ...added("cluster-1", {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "istio-remote-secret-own", namespace: "istio-system", labels: { [label]: "true" } },
      stringData: { "cluster-1": "kind: Config" },
    }),
    message: /credentials for cluster-1, which is this cluster itself/,
  },
].map((fault) => ({ check: "remote-secrets", cluster: "cluster-1", ...fault }));
