import type { Addresses } from "./addresses";
import { checkExistingClusters, checkKindSettings, checkSomeCluster } from "./checks/clusters";
import { checkDistribution } from "./checks/distribution";
import { checkLinks } from "./checks/links";
import { checkNames } from "./checks/names";
import { checkPeers } from "./checks/peers";
import { checkRoot } from "./checks/root";
import { checkSubnets } from "./checks/subnets";
import { type Config, readDraft } from "./draft";
import { Faults } from "./faults";
import { subnetText } from "./ipv4";
import { defaultVersion, registries } from "./registries";
import { resolveRoot } from "./root";
import { defaultTokenDays, type StackInput, stackSchema } from "./schema/keys";
import type { ClusterSettings, Settings } from "./settings";

export interface ParseOptions {
  /** Full name of the stack that the settings are of, so that it isn't named as its own peer. */
  readonly stack?: string;
  /** When a given root must still be valid; now, if left out. */
  readonly now?: Date;
}

/**
 * Reads a stack's settings.
 *
 * @param config Every key of the `flatmesh:` namespace, without that prefix → its text as Pulumi holds it: JSON for lists,
 * maps and booleans, anything else as it is.
 * @throws SettingsError with every fault that there is.
 */
export function parseSettings(config: Config, { stack, now = new Date() }: ParseOptions = {}): Settings {
  const faults = new Faults();
  const draft = readDraft(config, faults);
  checkSomeCluster(draft, faults);
  checkNames(draft, faults);
  checkExistingClusters(draft, faults);
  const addresses = checkSubnets(draft, faults);
  checkDistribution(draft, faults);
  checkLinks(draft, faults);
  checkPeers(draft, stack, faults);
  checkRoot(draft, stack, now, faults);
  checkKindSettings(draft, faults);
  faults.throwIfAny();
  return resolve(stackSchema.parse(draft.given), addresses);
}

/** Works out what follows from other settings. */
function resolve(input: StackInput, addresses: readonly Addresses[]): Settings {
  const { distribution, istioVersion = defaultVersion[distribution], repoKey, license, licenseSecretRef } = input;
  const own = registries(distribution, istioVersion, repoKey);
  const kind = input.clusters.some(({ provisioner }) => provisioner === "kind");
  return {
    clusters: input.clusters.map((cluster, index) => withAddresses(cluster, addresses[index])),
    uniqueNames: input.uniqueNames,
    addressPool: input.addressPool,
    network: input.network,
    trustDomain: input.trustDomain,
    distribution,
    istioVersion,
    ...(license !== undefined && { license: { value: license } }),
    ...(licenseSecretRef && { license: { secretRef: licenseSecretRef } }),
    charts: input.charts?.replace(/^(oci:\/\/.*?)\/*$/, "$1") ?? own.charts,
    images: input.images?.replace(/\/+$/, "") ?? own.images,
    gatewayApi: input.gatewayApi,
    links: input.links,
    linkMethod: input.linkMethod,
    remoteAccess: input.remoteAccess ?? { renewAfterDays: defaultTokenDays },
    peerStacks: input.peerStacks,
    requirePeers: input.requirePeers,
    root: resolveRoot(input.root),
    loadBalancer: loadBalancerOf(input.loadBalancer ?? (kind ? "cloud-provider-kind" : "none")),
    preloadImages: input.preloadImages,
    contexts: input.contexts,
    demo: input.demo === true ? { sidecars: false } : input.demo,
  };
}

function loadBalancerOf(given: NonNullable<StackInput["loadBalancer"]>): Settings["loadBalancer"] {
  return given === "cloud-provider-kind" ? {} : given;
}

function withAddresses(cluster: StackInput["clusters"][number], addresses: Addresses = {}): ClusterSettings {
  if (cluster.provisioner === "existing") {
    return cluster;
  }
  const { podSubnet, serviceSubnet } = addresses;
  if (!podSubnet || !serviceSubnet) {
    throw new Error(`${cluster.name} has no subnets, although no fault was found: a bug in the address plan`);
  }
  return { ...cluster, podSubnet: subnetText(podSubnet), serviceSubnet: subnetText(serviceSubnet) };
}
