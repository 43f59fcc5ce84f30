import { Contexts, createClusters, FlatNetwork, LoadBalancers, PreloadedImages } from "./components/clusters";
import { Demo } from "./components/demo";
import { createMeshes } from "./components/mesh";
import { type Outputs, stackOutputs } from "./components/outputs";
import { createPeering } from "./components/peering";
import { createTrust } from "./components/trust";
import { runPreflight } from "./preflight";
import { stackSettings } from "./settings";

/** One environment: the clusters of one stack, from the first container to the last link. */
async function environment(): Promise<Outputs> {
  const settings = stackSettings();
  const preflight = await runPreflight(settings);

  const trust = createTrust(settings, preflight.trust);
  const clusters = createClusters({ ...preflight, uniqueNames: settings.uniqueNames });
  const network = new FlatNetwork(settings.network, { clusters, ...preflight.kindMachine });
  const images = new PreloadedImages("images", { clusters, ...preflight.kindMachine });
  if (settings.loadBalancer !== "none") {
    new LoadBalancers("load-balancers", clusters, { ...settings.loadBalancer, recorded: preflight.ownership });
  }
  if (settings.contexts) {
    new Contexts("contexts", clusters);
  }

  const meshes = createMeshes({ ...preflight, settings, clusters, trust }, { dependsOn: [network, images] });
  const peering = createPeering({ settings, meshes, ...preflight });
  if (settings.demo) {
    const { demo, distribution } = settings;
    meshes.forEach((mesh, index) => {
      const version = `v${String(index + 1)}`;
      new Demo(mesh.cluster, { distribution, version, ...demo }, { dependsOn: [mesh] });
    });
  }
  return stackOutputs({ settings, trust, clusters, peering, peerStacks: preflight.peerStacks });
}

export = environment;
