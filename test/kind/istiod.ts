import type { MachineStack } from "./stack";

/** What istiod says of a cluster that it reads (/debug/clusterz). */
export interface RemoteCluster {
  readonly id: string;
  readonly secretName: string;
  readonly syncStatus: string;
}

interface Workloads {
  readonly workloads: readonly {
    readonly name: string;
    readonly clusterId?: string;
    /** Base64 of the address's text. */
    readonly addresses?: readonly string[];
  }[];
}

/** The clusters that istiod of a cluster reads, itself aside. */
export async function remoteClusters(stack: MachineStack, cluster: string): Promise<RemoteCluster[]> {
  const all = (await ask(stack, cluster, "/debug/clusterz")) as readonly RemoteCluster[];
  return all.filter(({ id }) => id !== cluster);
}

/** The addresses of the pods of an app in `other` that istiod of `cluster` tells its ztunnels of. */
export async function knownAddresses(
  stack: MachineStack,
  cluster: string,
  other: string,
  app: string,
): Promise<string[]> {
  const { workloads } = (await ask(stack, cluster, "/debug/ambientz")) as Workloads;
  return workloads
    .filter(({ name, clusterId }) => clusterId === other && name.startsWith(`${app}-`))
    .flatMap(({ addresses = [] }) => addresses.map((address) => Buffer.from(address, "base64").toString()))
    .sort();
}

async function ask(stack: MachineStack, cluster: string, path: string): Promise<unknown> {
  const request = ["--", "/usr/local/bin/pilot-discovery", "request", "GET", path];
  return JSON.parse(await stack.kubectl(cluster, "exec", "--namespace=istio-system", "deployment/istiod", ...request));
}
