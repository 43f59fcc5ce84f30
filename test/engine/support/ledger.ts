import type { Called } from "../echo/world";

/** What a record of calls has left in the world. */
export interface Ledger {
  /** Clusters, each with the objects in it as `<type> <subject>`. */
  readonly clusters: ReadonlyMap<string, ReadonlySet<string>>;
  /** Things that were made while the same was there already, and updates and deletions of what was not. */
  readonly faults: readonly string[];
}

/** Adds up what calls have made and deleted. Clusters that no stack has made have to be named. */
export function ledger(calls: readonly Called[], found: readonly string[] = []): Ledger {
  const clusters = new Map(found.map((name) => [name, new Set<string>()]));
  const identities = new Map<string, string>();
  const faults: string[] = [];
  for (const { method, type, subject, cluster, preview, outcome } of calls) {
    if (preview || outcome === "refused") {
      continue;
    }
    const [machine = "", identity] = subject.split("@");
    if (identity !== undefined) {
      if (method === "delete" && identities.get(machine) === identity) {
        identities.delete(machine);
        clusters.delete(machine);
      } else if (method !== "delete" && identities.get(machine) !== identity) {
        identities.set(machine, identity);
        clusters.set(machine, new Set());
      }
    } else if (cluster !== undefined) {
      const objects = clusters.get(cluster) ?? new Set<string>();
      const thing = `${type} ${subject}`;
      const fits = method === "create" ? !objects.has(thing) : objects.has(thing);
      if (!fits || !clusters.has(cluster)) {
        faults.push(`${method} ${thing} in ${cluster}`);
      }
      if (method === "create") {
        objects.add(thing);
      } else if (method === "delete") {
        objects.delete(thing);
      }
    }
  }
  return { clusters, faults };
}
