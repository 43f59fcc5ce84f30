import type { Place } from "../../kubernetes";
import type { FindingCollector } from "../check";
import { type Cluster, type Mesh, objects } from "../inventory";
import { readFailure } from "../inventory/each-cluster";

/** The demo's names, which are the same in all clusters: a Service that pods of every cluster answer, and who calls it. */
export const demo = {
  namespace: "demo",
  service: "global-service",
  port: 5000,
  client: { app: "sleep", container: "sleep" },
} as const;

/** What to do where nothing can be called from, or nothing answers. */
export const wantsDemo = "Set demo: true in the stack's settings (flatmesh:demo) and run pulumi up.";

/** What a cluster has of the demo. */
export interface DemoPart {
  /** A pod to call from, and where in it. */
  readonly client: { readonly pod: objects.Pod; readonly place: Place } | undefined;
  readonly service: objects.Service | undefined;
  /** Pods of the Service that are Ready and have an address. */
  readonly pods: readonly AnsweringPod[];
}

/** A pod that answers calls of the global service. */
export interface AnsweringPod {
  readonly name: string;
  readonly ip: string;
  readonly node: string;
  /** The mesh's name of its cluster. */
  readonly cluster: string;
}

export async function demoOf(cluster: Cluster): Promise<DemoPart> {
  const [pods, service] = await Promise.all([
    cluster.pods(),
    cluster.get(`/api/v1/namespaces/${demo.namespace}/services/${demo.service}`, objects.Service),
  ]);
  const own = pods.filter(({ metadata, ready }) => metadata.namespace === demo.namespace && ready);
  const client = own.find(
    ({ metadata, spec }) =>
      metadata.labels["app"] === demo.client.app && spec.containers.some(({ name }) => name === demo.client.container),
  );
  const selector = Object.entries(service?.spec.selector ?? {});
  return {
    client: client && {
      pod: client,
      place: { namespace: demo.namespace, pod: client.metadata.name, container: demo.client.container },
    },
    service,
    pods: own.flatMap(({ metadata, spec, status }) =>
      selector.length > 0 && selector.every(([key, value]) => metadata.labels[key] === value) && status.podIP
        ? [{ name: metadata.name, ip: status.podIP, node: spec.nodeName, cluster: cluster.name }]
        : [],
    ),
  };
}

/** What each cluster has of the demo, or why that is unknown. */
export async function demoParts({ clusters }: Mesh): Promise<ReadonlyMap<string, DemoPart | string>> {
  const entries = clusters.map(async (cluster): Promise<[string, DemoPart | string]> => {
    try {
      return [cluster.name, await demoOf(cluster)];
    } catch (error) {
      return [cluster.name, readFailure(error)[0]];
    }
  });
  return new Map(await Promise.all(entries));
}

/** Says that a part of the demo is not there: a fault only where the settings have it. */
export function reportMissing({ expected }: Mesh, what: string, findings: FindingCollector): void {
  if (expected.demo === true) {
    findings.failed(
      `namespace ${demo.namespace} does not have ${what} that is Ready, although the settings enable the demo`,
      `Find out why: kubectl get pods -n ${demo.namespace}`,
    );
  } else {
    findings.notApplicable(`namespace ${demo.namespace} does not have ${what}. ${wantsDemo}`);
  }
}
