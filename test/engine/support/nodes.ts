/** A node of a kind cluster as the world's container engine sees it. */
export interface NodeState {
  /** The last number of its address. */
  readonly host: number;
  /** Its pods' subnet. */
  readonly podSubnet: string;
  /** How often it was started. */
  readonly starts?: number;
}

/** What nodes.sh prints of clusters with one node each. */
export function nodes(clusters: Readonly<Record<string, NodeState>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(clusters).map(([cluster, { host, podSubnet, starts = 1 }]) => [
      cluster,
      `${cluster}-control-plane control-plane 172.18.0.${String(host)} ${podSubnet} 2026-01-01T00:00:0${String(starts)}Z\n`,
    ]),
  );
}
