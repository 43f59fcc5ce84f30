import { createClusters, FlatNetwork, LoadBalancers } from "./components/clusters";
import { Demo } from "./components/demo";
import { gatewayApiDefinitions, Mesh } from "./components/mesh";
import { type Outputs, stackOutputs } from "./components/outputs";
import { createPeering, readPeerStacks } from "./components/peering";
import { createTrust } from "./components/trust";
import { stackSettings } from "./settings";

/** One environment: the clusters of one stack, from the first container to the last link. */
async function environment(): Promise<Outputs> {
  const settings = stackSettings();
  const peerStacks = await readPeerStacks(settings);
  const gatewayApi = await gatewayApiDefinitions(settings.gatewayApi);

  const trust = await createTrust(settings);
  const clusters = createClusters(settings);
  const network = new FlatNetwork(settings.network, clusters);
  if (settings.loadBalancer === "cloud-provider-kind") {
    new LoadBalancers("load-balancers", clusters);
  }

  const meshes = clusters.map((cluster) => {
    const intermediate = trust.intermediates.get(cluster.name);
    return new Mesh(cluster, { settings, gatewayApi, ...(intermediate && { intermediate }) }, { dependsOn: [network] });
  });
  const peering = createPeering({ settings, meshes, peerStacks });

  if (settings.demo) {
    const { demo, distribution } = settings;
    meshes.forEach((mesh, index) => {
      const version = `v${String(index + 1)}`;
      new Demo(mesh.cluster, { distribution, version, ...demo }, { dependsOn: [mesh] });
    });
  }
  return stackOutputs({ settings, trust, clusters, peering, peerStacks });
}

export = environment;
