import {
  checkMachine,
  Contexts,
  createClusters,
  FlatNetwork,
  LoadBalancers,
  PreloadedImages,
  recordedOwnership,
  withGenerations,
} from "./components/clusters";
import { Demo, demoImages } from "./components/demo";
import { gatewayApiDefinitions, Mesh, meshImages } from "./components/mesh";
import { type Outputs, stackOutputs } from "./components/outputs";
import { checkLinkMethod, createPeering, readPeerStacks } from "./components/peering";
import { guardRoots, reissues } from "./preflight/roots/guard";
import { ownState } from "./stacks/engine";
import { surveyClusters } from "./preflight/existing-clusters/index";
import { createTrust } from "./components/trust";
import { stackSettings } from "./settings";

/** One environment: the clusters of one stack, from the first container to the last link. */
async function environment(): Promise<Outputs> {
  const given = stackSettings();
  const ownership = recordedOwnership(await ownState());
  const settings = await withGenerations(given, ownership);
  const gatewayApi = settings.clusters.length > 0 ? await gatewayApiDefinitions(settings.gatewayApi) : [];
  await checkMachine(settings, ownership);
  const survey = await surveyClusters(settings, gatewayApi);
  await guardRoots(settings);
  const peerStacks = await readPeerStacks(settings, survey.kept);
  await checkLinkMethod(settings, peerStacks);

  const trust = await createTrust(settings, survey.kept);
  const clusters = createClusters(settings, survey.findings, ownership);
  const network = new FlatNetwork(settings.network, clusters, peerStacks.neighbours);
  const wanted = [...meshImages(settings), ...demoImages(settings), ...settings.preloadImages];
  const images = new PreloadedImages("images", clusters, wanted);
  if (settings.loadBalancer !== "none") {
    new LoadBalancers("load-balancers", clusters, { ...settings.loadBalancer, recorded: ownership });
  }
  if (settings.contexts) {
    new Contexts("contexts", clusters);
  }

  const reissue = await reissues(settings);
  const meshes: Mesh[] = [];
  for (const cluster of clusters) {
    const intermediate = trust.intermediates.get(cluster.name);
    const certificates = { ...(intermediate && { intermediate }), ...(trust.kept && { kept: trust.kept }) };
    const before = settings.root.reissue === undefined ? undefined : meshes.at(-1);
    const anew = reissue.get(cluster.name);
    const restart = { ...(anew !== undefined && { reissue: anew }), ...(before && { after: before }) };
    const args = { settings, gatewayApi, ...certificates, ...restart };
    meshes.push(new Mesh(cluster, args, { dependsOn: [network, images] }));
  }
  const peering = await createPeering({ settings, meshes, peerStacks });

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
