import { unreadTrust } from "../../istio";
import { type Access, engineersAccess, KubeconfigError, Unreachable } from "../../kubernetes";
import { Cluster, type Link, type ClusterReader, objects } from "../inventory";
import { type Source, SourceError } from "./source";

/**
 * The mesh of clusters given by contexts of the engineer's kubeconfig, however it was installed.
 *
 * @param links Who may call whom, if specified.
 * @throws SourceError where a link is to or from none of the clusters.
 */
export async function fromContexts(contexts: readonly string[], links?: readonly Link[]): Promise<Source> {
  const clusters = await Promise.all(contexts.map(clusterOf));
  const names = clusters.map(({ name }) => name);
  const stranger = links?.flatMap(({ from, to }) => [from, to]).find((name) => !names.includes(name));
  if (stranger !== undefined) {
    throw new SourceError(
      `--links: there is no cluster ${stranger}; in the mesh, the clusters are called ${names.join(", ")}.`,
    );
  }
  return { kind: "contexts", name: contexts.join(","), mesh: { clusters, expected: { ...(links && { links }) } } };
}

/** A cluster by its context, under the name that the mesh has for it. */
async function clusterOf(context: string): Promise<Cluster> {
  const cluster = byContext(context, context);
  const name = await nameInMesh(cluster);
  return name === context ? cluster : byContext(name, context);
}

/** Under `name`, the cluster of a context of the engineer's kubeconfig; an unreachable one if there is no such context. */
export function byContext(name: string, context: string): Cluster {
  return reachedBy(name, () => engineersAccess(context));
}

/** The cluster that a kubeconfig leads to; an unreachable one if the kubeconfig is not accepted. */
export function reachedBy(name: string, access: () => Access): Cluster {
  try {
    return Cluster.at(name, access());
  } catch (error) {
    if (error instanceof KubeconfigError) {
      return unreachable(name, error.sentence);
    }
    throw error;
  }
}

/** A cluster that can't be reached. */
export function unreachable(name: string, reason: string): Cluster {
  const refuse = () => Promise.reject(new Unreachable(reason));
  const look: ClusterReader = {
    get: refuse,
    items: refuse,
    text: refuse,
    review: refuse,
    clock: refuse,
    fromPod: refuse,
    run: refuse,
    issuer: refuse,
    facts: refuse,
    trust: () => Promise.resolve(unreadTrust(name, reason)),
  };
  return new Cluster(name, undefined, look);
}

/** The name of the cluster in istiod; else that of the context. */
async function nameInMesh(cluster: Cluster): Promise<string> {
  try {
    const [istiod] = await cluster.istiods();
    return (istiod && objects.variable(istiod, "CLUSTER_ID")) ?? cluster.name;
  } catch {
    return cluster.name;
  }
}
