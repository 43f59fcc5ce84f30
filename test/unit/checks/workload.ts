/** A container with variables. */
export function container(name: string, image: string, env: Readonly<Record<string, string>> = {}): object {
  return { name, image, env: Object.entries(env).map(([key, value]) => ({ name: key, value })) };
}

/** A Deployment or DaemonSet whose pods are told by labels; `app: istiod` and the like are its own, too. */
export function workload(
  path: string,
  labels: Readonly<Record<string, string>>,
  containers: readonly object[],
  annotations: Readonly<Record<string, string>> = {},
): object {
  const [namespace = "", name = ""] = path.split("/");
  return {
    metadata: { name, namespace, labels, annotations },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}

/** A running pod. */
export function pod(path: string, labels: Readonly<Record<string, string>>, containers: readonly object[]): object {
  const [namespace = "", name = ""] = path.split("/");
  return { metadata: { name, namespace, labels }, spec: { containers }, status: { phase: "Running" } };
}

/** A Gateway of a class. */
export function gateway(
  path: string,
  gatewayClassName: string,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): object {
  const [namespace = "", name = ""] = path.split("/");
  return { metadata: { name, namespace, labels, annotations }, spec: { gatewayClassName } };
}
