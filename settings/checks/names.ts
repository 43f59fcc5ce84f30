import type { Draft, DraftCluster } from "../draft";
import type { Faults } from "../faults";

/** What follows a made cluster's name with `uniqueNames`: a dash and six hexadecimal digits. */
const suffixLength = 7;

const remoteGateway = nameIn("istio-remote-peer-", "");
/** How many characters the name of any cluster can have: peers know it by a Gateway that is named after it. */
export const longestClusterName = remoteGateway.length;

/** Names of clusters are unique, and short enough for what is named after them. */
export function checkNames({ clusters, whole }: Draft, faults: Faults): void {
  const first = new Map<string, number>();
  clusters.forEach((cluster, index) => {
    const { name } = cluster;
    if (name === undefined) {
      return;
    }
    const path = `clusters[${String(index)}].name`;
    const other = first.get(name);
    if (other === undefined) {
      first.set(name, index);
    } else {
      faults.add({
        path,
        value: name,
        problem: `is the name of clusters[${String(other)}] too`,
        remedy: "give every cluster a name of its own",
      });
    }
    const limit = limitOf(cluster, whole.uniqueNames ?? false);
    if (name.length > limit.length) {
      faults.add({
        path,
        value: name,
        problem: `has ${String(name.length)} characters, too many for ${limit.because}`,
        remedy: `use ${String(limit.length)} characters at most`,
      });
    }
  });
}

/** A hostname, a label's value and so the name of a Gateway have 63 characters at most. */
function limitOf(cluster: DraftCluster, unique: boolean): { readonly length: number; readonly because: string } {
  const limits = [remoteGateway];
  if (cluster.provisioner === "kind" || cluster.provisioner === "kwok") {
    const suffix = unique ? suffixLength : 0;
    limits.push(nameIn("", numbered("-control-plane", cluster.controlPlanes), suffix));
    limits.push(nameIn("", numbered("-worker", cluster.workers), suffix));
    if ((cluster.controlPlanes ?? 1) > 1) {
      limits.push(nameIn("", "-external-load-balancer", suffix));
    }
  }
  return limits.reduce((shortest, limit) => (limit.length < shortest.length ? limit : shortest));
}

function nameIn(before: string, after: string, suffix = 0) {
  return {
    length: 63 - before.length - after.length - suffix,
    because: `the name ${before}<name>${suffix > 0 ? "-<suffix>" : ""}${after}, which has 63 at most`,
  };
}

/** kind numbers the nodes of a role from the second on. */
function numbered(role: string, count = 1): string {
  return count > 1 ? `${role}${String(count)}` : role;
}
