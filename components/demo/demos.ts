import type { Resource } from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { inside, targetCluster } from "../clusters";
import type { ClusterMesh } from "../mesh";
import { DemoApp } from "./demo-app";

/** The demo in every cluster, each with a version of its own, if the settings want it. Returns its namespace, by cluster. */
export function createDemos(
  { demo, distribution, imagePullSecrets: pullSecrets }: Pick<Settings, "demo" | "distribution" | "imagePullSecrets">,
  meshes: readonly ClusterMesh[],
): Readonly<Record<string, readonly Resource[]>> {
  if (!demo) {
    return {};
  }
  const { sidecars } = demo;
  return Object.fromEntries(
    meshes.map(({ cluster, mesh }, index) => {
      const args = { ...targetCluster(cluster), distribution, version: `v${String(index + 1)}`, sidecars, pullSecrets };
      const app = new DemoApp(`${cluster.namePrefix}-demo`, args, inside(cluster, { dependsOn: [mesh] }));
      return [cluster.name, app.namespace];
    }),
  );
}
