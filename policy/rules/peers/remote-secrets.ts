import {
  clusterOf,
  isPatch,
  isRemoteSecret,
  type Kubeconfig,
  type RemoteCluster,
  remoteClusters,
  serverOf,
  serverText,
  subject,
} from "../../mesh";
import { at, missing, type Resource, text, unknown } from "../../state";

/** Upstream's peers: Secrets with a kubeconfig, by which istiod reads another cluster. */
export function remoteSecretProblems(resource: Resource, resources: readonly Resource[]): string[] {
  if (!isRemoteSecret(resource)) {
    return [];
  }
  const where = `Remote secret ${subject(resource)}`;
  const clusters = remoteClusters(resource);
  const known =
    !isPatch(resource) && at(resource.inputs, "stringData") !== unknown && at(resource.inputs, "data") !== unknown;
  return clusters.length === 0 && known
    ? [`${where} holds no kubeconfig. Put one below the peer's name.`]
    : clusters.flatMap((one) => [
        ...kubeconfigProblems(`${where}, ${one.path}`, one, resource),
        ...doubledProblems(where, one, resource, resources),
      ]);
}

function kubeconfigProblems(where: string, { kubeconfig }: RemoteCluster, resource: Resource): string[] {
  if (kubeconfig === undefined) {
    return [];
  }
  if ("wrong" in kubeconfig) {
    return [`${where} is not a kubeconfig (${kubeconfig.wrong}). Create it again: istioctl create-remote-secret.`];
  }
  if (kubeconfig.context === undefined || kubeconfig.cluster === undefined) {
    return [
      `${where} has no current-context that names one of its clusters, so istiod reaches nothing by it. Set current-context, ` +
        "or create it again: istioctl create-remote-secret.",
    ];
  }
  return [...serverProblems(where, kubeconfig, resource), ...userProblems(where, kubeconfig)];
}

function serverProblems(where: string, { cluster }: Kubeconfig, { provider }: Resource): string[] {
  const server = serverText(at(cluster, "server"));
  const own = provider && serverOf(provider);
  const insecure = text(cluster, "insecure-skip-tls-verify") === "true";
  return [
    ...(insecure
      ? [
          `${where} has insecure-skip-tls-verify: istiod gives its token to whoever answers at that address. Remove it, and set ` +
            "certificate-authority-data to the CA of the peer's API server.",
        ]
      : []),
    ...(missing(at(cluster, "certificate-authority"))
      ? []
      : [
          `${where} names its CA by a file (certificate-authority), which istiod does not have. Put it into ` +
            "certificate-authority-data: kubectl config view --flatten.",
        ]),
    ...(server === undefined ? [] : addressProblems(where, server, server === own)),
  ];
}

function addressProblems(where: string, server: string, own: boolean): string[] {
  const { hostname, protocol } = new URL(server);
  const set =
    "Set server to an address of the peer's API server that pods of this cluster reach (istioctl create-remote-secret --server).";
  if (/^(localhost|127\.[\d.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:7f[\da-f:]+\])$/i.test(hostname)) {
    return [`${where} has server ${server}, which for istiod is its own pod. ${set}`];
  }
  if (/^kubernetes(\.default)?$|\.svc$|\.svc\.|\.cluster\.local$/.test(hostname)) {
    return [`${where} has server ${server}, a name that means something else in every cluster: here, this one. ${set}`];
  }
  if (own) {
    return [
      `${where} has server ${server}, the API server of its own cluster: the cluster would be a peer of itself. ${set}`,
    ];
  }
  return protocol === "http:"
    ? [`${where} has server ${server} without TLS, so its token goes over the network as it is. Use https.`]
    : [];
}

/** What istiod allows no kubeconfig to have (`sanitizeKubeConfig` in its pkg/kube), unless it is told to. */
const refused: readonly (readonly [key: string, what: string])[] = [
  ["exec", "a program that gets its credentials (exec)"],
  ["tokenFile", "a token in a file (tokenFile)"],
  ["client-certificate", "a certificate in a file (client-certificate)"],
  ["client-key", "a key in a file (client-key)"],
];

function userProblems(where: string, { user }: Kubeconfig): string[] {
  const provider = text(user, "auth-provider", "name");
  const found = [
    ...refused.flatMap(([key, what]) => (missing(at(user, key)) ? [] : [what])),
    ...(provider === undefined || provider === "oidc" ? [] : [`the auth-provider ${provider}`]),
  ];
  return found.map(
    (what) =>
      `${where} has ${what}, which istiod refuses. Give it a token of a service account: istioctl create-remote-secret.`,
  );
}

/** istiod takes the first of several with the same name, and reads a cluster of two names twice. */
function doubledProblems(
  where: string,
  { name, kubeconfig }: RemoteCluster,
  resource: Resource,
  resources: readonly Resource[],
): string[] {
  const before = resources.slice(0, resources.indexOf(resource));
  const others = before.filter(
    (one) => isRemoteSecret(one) && clusterOf(one) === clusterOf(resource) && !sameObject(one, resource),
  );
  const server = serverIn(kubeconfig);
  return others.flatMap((other) =>
    remoteClusters(other).flatMap((one) => {
      if (one.name === name) {
        return [
          `${where} names cluster ${name}, which Remote secret ${subject(other)} does as well: istiod takes one of them. Remove one, or give it its own name.`,
        ];
      }
      return server !== undefined && serverIn(one.kubeconfig) === server
        ? [
            `${where} reaches ${server} as cluster ${name}, and Remote secret ${subject(other)} as cluster ${one.name}: its services would have every endpoint twice. Remove one.`,
          ]
        : [];
    }),
  );
}

function serverIn(kubeconfig: RemoteCluster["kubeconfig"]): string | undefined {
  return kubeconfig === undefined || "wrong" in kubeconfig ? undefined : serverText(at(kubeconfig.cluster, "server"));
}

/** A patch of a Secret is that Secret. */
function sameObject(one: Resource, other: Resource): boolean {
  return subject(one) === subject(other);
}
