import { createPeering } from "../../../../components/peering";
import { kwok, parse } from "../../settings/config";
import { meshesIn } from "../meshes";
import { type Inputs, type Recorded, type World, run } from "../mocks";
import { peeringInputs } from "../../preflight/parts";
import { clustersOf } from "../preflight";

/** Three clusters and their peering, as index.ts makes them. */
export function peering(settings: object = {}, world?: World) {
  return run(async () => {
    const given = parse({ clusters: [kwok("a"), kwok("b"), kwok("c")], loadBalancer: undefined, ...settings });
    const inputs = await peeringInputs(given);
    const meshes = meshesIn(clustersOf(given), given);
    return { ...createPeering({ ...inputs, settings: given, meshes }), peerStacks: inputs.peerStacks };
  }, world);
}

export const community = { distribution: "community", license: undefined, repoKey: undefined };

/** The name that an object has in its cluster. */
export function objectName({ inputs }: Recorded): string {
  return String((inputs["metadata"] as Inputs)["name"]);
}

/** The mesh's name of the cluster that a resource is in, by its provider. */
export function clusterOf({ provider }: Recorded): string {
  return provider.replace(/-[0-9a-f]{8}$/, "");
}

/** `cluster: object` of resources, in order. */
export function places(resources: readonly Recorded[]): string[] {
  return resources.map((resource) => `${clusterOf(resource)}: ${objectName(resource)}`).sort();
}
