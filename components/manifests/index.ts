import type * as pulumi from "@pulumi/pulumi";
import { inside, targetCluster } from "../clusters";
import type { ClusterMesh } from "../mesh";
import { Manifests } from "./manifests";
import type { ManifestObject } from "./object";

export { Manifests, type ManifestsArgs } from "./manifests";
export { type ManifestObject, resourceNameOf, typeOf } from "./object";

export interface AllManifestsArgs {
  readonly meshes: readonly ClusterMesh[];
  /** The objects that each cluster gets, by its name. */
  readonly manifests: ReadonlyMap<string, readonly ManifestObject[]>;
  /** What anything in the stack's namespaces, beside the mesh's own, depends on: by their names, then by cluster. */
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, readonly pulumi.Resource[]>>>>;
}

/** The objects of a stack's manifests, in every cluster after its mesh. */
export function createManifests({ meshes, manifests, namespaces }: AllManifestsArgs): void {
  for (const { cluster, mesh } of meshes) {
    const objects = manifests.get(cluster.name) ?? [];
    if (objects.length > 0) {
      const own = Object.entries(namespaces).map(([name, clusters]) => [name, clusters[cluster.name] ?? []] as const);
      const args = { ...targetCluster(cluster), objects, namespaces: new Map(own) };
      new Manifests(`${cluster.namePrefix}-manifests`, args, inside(cluster, { dependsOn: [mesh] }));
    }
  }
}
