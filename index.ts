import {
  createClusters,
  FlatNetwork,
  kindClustersOf,
  KubeconfigContexts,
  LoadBalancers,
  PreloadedImages,
  targetCluster,
} from "./components/clusters";
import { createDemos, demoNamespace } from "./components/demo";
import { createManifests } from "./components/manifests";
import { createMeshes } from "./components/mesh";
import { type Outputs, stackOutputs } from "./components/outputs";
import { createPeering, eastWest } from "./components/peering";
import { createTrust } from "./components/trust";
import { runPreflight } from "./preflight";
import { stackSettings } from "./settings";

/** One environment: the clusters of one stack, from the first container to the last link. */
async function environment(): Promise<Outputs> {
  const settings = stackSettings();
  const preflight = await runPreflight(settings);

  const trust = createTrust(settings, preflight.trust);
  const clusters = createClusters({ ...preflight, uniqueNames: settings.uniqueNames });
  const kindClusters = kindClustersOf(clusters);
  const machine = { ...preflight.kindMachine, repairs: preflight.repairs, clusters: kindClusters };
  const network = new FlatNetwork(settings.network, machine);
  const images = new PreloadedImages("images", machine);
  const [firstKind] = kindClusters;
  if (preflight.loadBalancer !== "none" && firstKind) {
    const { image } = preflight.loadBalancer;
    new LoadBalancers(
      "load-balancers",
      { owner: firstKind.owner, image, formerOwner: preflight.ownership.formerBalancers, repairs: preflight.repairs },
      { dependsOn: kindClusters.map(({ clusterResource }) => clusterResource) },
    );
  }
  if (settings.contexts) {
    const provisioned = clusters.filter(({ clusterResource }) => clusterResource !== undefined);
    new KubeconfigContexts("contexts", { clusters: provisioned.map(targetCluster), repairs: preflight.repairs });
  }

  const meshes = createMeshes({ ...preflight, settings, clusters, trust, preloaded: images.loaded });
  const linkArgs = { ...preflight, ...preflight.peerStacks, settings, meshes };
  const peering = createPeering(linkArgs, { dependsOn: [network] });
  const namespaces = { [eastWest]: peering.namespaces, [demoNamespace]: createDemos(settings, meshes) };
  createManifests({ ...preflight, meshes, namespaces });
  return stackOutputs({ ...preflight, settings, trust, clusters, peering });
}

export = environment;
