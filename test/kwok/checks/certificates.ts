import type { Environment } from "../environment";
import { OpenSsl } from "../openssl";
import { added, changed, type Fault } from "./fault";

const secret = (cluster: string) => [cluster, "secret", "cacerts", "istio-system"] as const;

/** Changes files of a cluster's Secret, which are base64. */
function withFiles(change: (environment: Environment) => Readonly<Record<string, string>>) {
  return changed(secret("cluster-1"), (environment) => {
    const patch = JSON.stringify({ data: change(environment) });
    environment.kubectl(
      "cluster-1",
      ...["patch", "secret", "cacerts", "--namespace", "istio-system", "--type", "merge", "--patch", patch],
    );
  });
}

function filesOf(environment: Environment, cluster: string): Readonly<Record<string, string>> {
  const { data } = environment.get(cluster, "secret", "cacerts", "istio-system");
  return data as Readonly<Record<string, string>>;
}

/** The root of somebody else, PEM. */
function otherRoot(): string {
  const openssl = new OpenSsl([]);
  try {
    return openssl.run("req -x509 -newkey rsa:2048 -nodes -keyout other.key -days 1000 -subj /CN=other");
  } finally {
    openssl.close();
  }
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** What a cluster signs with, as it stands in its Secret. */
export const certificateFaults: readonly Fault[] = [
  {
    check: "root",
    fault: "no cacerts",
    ...changed(secret("cluster-1"), (environment) => {
      environment.kubectl("cluster-1", "delete", "secret", "cacerts", "--namespace", "istio-system");
    }),
    cluster: "cluster-1",
    message: /Secret istio-system\/cacerts does not exist/,
  },
  {
    check: "root",
    fault: "another root",
    ...withFiles(() => ({ "root-cert.pem": base64(otherRoot()) })),
    cluster: "cluster-1",
    message: /\(ca-cert.pem\) chains to none of the roots in its root-cert.pem/,
  },
  {
    check: "root",
    fault: "linked clusters that do not accept each other",
    ...withFiles(() => ({ "root-cert.pem": base64(otherRoot()) })),
    message: /^cluster-1 does not accept certificates of cluster-2/,
  },
  {
    check: "root",
    fault: "a root too many",
    ...withFiles((environment) => ({
      "root-cert.pem": base64(
        Buffer.from(filesOf(environment, "cluster-1")["root-cert.pem"] ?? "", "base64").toString() + otherRoot(),
      ),
    })),
    cluster: "cluster-1",
    message: /has root [0-9a-f]{8}, which is not one of the stack's/,
  },
  {
    check: "root",
    fault: "a namespace with a stale root",
    command: true,
    ...added("cluster-1", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "istio-ca-root-cert", namespace: "demo" },
      data: { "root-cert.pem": otherRoot() },
    }),
    cluster: "cluster-1",
    message: /ConfigMap istio-ca-root-cert of namespace demo differs from Secret cacerts: it lacks root first/,
  },
  {
    check: "intermediates",
    fault: "one key for two clusters",
    ...withFiles((environment) => filesOf(environment, "cluster-2")),
    message: /^cluster-1 and cluster-2 sign with the same key/,
  },
  {
    check: "intermediates",
    fault: "the key of another certificate",
    ...withFiles((environment) => ({ "ca-key.pem": filesOf(environment, "cluster-2")["ca-key.pem"] ?? "" })),
    cluster: "cluster-1",
    message: /the private key \(ca-key.pem\) does not match the certificate/,
  },
];
