import { coerce, lt } from "semver";
import { checkEastWestGateways, refuseEastWestGateway } from "./east-west-gateway";
import type { PartialConfig, Report } from "./issues";
import type { Distribution } from "./settings";

/** The version that a stack gets when it names none. */
export const defaultVersion: Readonly<Record<"solo" | "community", string>> = { solo: "1.28.5", community: "1.31.0" };

/** The first minor version whose peering chart Solo publishes, and whose registries need no repo key. */
export const firstKeyless = 29;

/** The first minor version of Solo's distribution whose east-west Gateways peers can reach by NodePorts. */
export const firstNodePort = 28;

/**
 * The first minor version of the community's distribution with which clusters may come, go and renew their credentials: istiod of
 * earlier ones loses a cluster's services when its remote Secret changes (fixed in several places, says "Istio 1.31.0 Change Notes").
 */
export const firstCommunity = 31;

/**
 * The first version of Solo's distribution that links clusters
 * ("Version requirements" in https://docs.solo.io/gloo-mesh/main/istio/ambient/multicluster/manual/).
 */
export const firstMulticluster = "1.24.3";

/** Releases of Solo's without FIPS images, and the first after them that has some (https://docs.solo.io/gloo-mesh/2.10.x/ambient/setup/multicluster/default/manual/). */
const withoutFips = { versions: ["1.26.0", "1.26.1"], next: "1.26.1-patch0" };

/** 28 for 1.28.5 */
export function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

/** Where charts (OCI URL) and images (hub) come from. */
export interface Registries {
  readonly charts: string;
  readonly images: string;
}

/**
 * The distribution's own registries.
 *
 * @param repoKey Needed for solo up to 1.28, whose registries have it in their names.
 */
export function registries(distribution: Distribution, version: string, repoKey = ""): Registries {
  if (distribution === "community") {
    return { charts: "oci://ghcr.io/istio/release/charts", images: "docker.io/istio" };
  }
  return minorOf(version) < firstKeyless
    ? {
        charts: `oci://us-docker.pkg.dev/gloo-mesh/istio-helm-${repoKey}`,
        images: `us-docker.pkg.dev/gloo-mesh/istio-${repoKey}`,
      }
    : { charts: "oci://us-docker.pkg.dev/soloio-img/istio-helm", images: "us-docker.pkg.dev/soloio-img/istio" };
}

/** Version, licence, repo key and link method are present and consistent, as the distribution needs them. */
export function checkDistribution(config: PartialConfig, report: Report): void {
  const { distribution, clusters } = config.valid;
  if (clusters?.length === 0) {
    // Nothing of it is installed anywhere.
    return;
  }
  if (distribution === "solo") {
    checkSolo(config, report);
  } else if (distribution === "community") {
    checkCommunity(config, report);
  }
}

/** The minor version in use; undefined when the setting is invalid. */
function minorVersion({ valid, given }: PartialConfig, distribution: "solo" | "community"): number | undefined {
  const version = given.has("istioVersion") ? valid.istioVersion : defaultVersion[distribution];
  return version === undefined ? undefined : minorOf(version);
}

/** The paths of a key that some clusters have. */
function clustersWith({ clusterKeys }: PartialConfig, key: string): PropertyKey[][] {
  return clusterKeys.flatMap((keys, index) => (keys.has(key) ? [["clusters", index, key]] : []));
}

function checkSolo(config: PartialConfig, report: Report): void {
  const { valid, given } = config;
  if (given.has("license") && given.has("licenseSecretRef")) {
    report({ path: ["licenseSecretRef"], problem: "is given beside license", remedy: "keep one of the two" });
  } else if (!given.has("license") && !given.has("licenseSecretRef")) {
    report({
      path: ["license"],
      problem: "is missing, and the solo distribution needs a licence",
      remedy:
        "set it (`pulumi config set --secret flatmesh:license`), name a Secret with licenseSecretRef, " +
        "or write distribution: community, which needs none",
    });
  }
  const communityOnly = [
    ...(given.has("remoteAccess") ? [["remoteAccess"]] : []),
    ...clustersWith(config, "apiServer"),
  ];
  communityOnly.forEach((path) => {
    report({
      path,
      problem:
        "is for the community distribution, and this stack has solo, whose control planes read no API servers of other clusters",
      remedy: "remove it, or write distribution: community",
    });
  });
  checkSoloImages(config, report);
  const version = minorVersion(config, "solo");
  checkEastWestGateways(config, version, report);
  if (version === undefined) {
    return;
  }
  if (version < firstKeyless && !given.has("repoKey") && !(given.has("charts") && given.has("images"))) {
    report({
      path: ["repoKey"],
      problem: `is missing, and solo up to 1.${String(firstKeyless - 1)} has it in the names of its registries`,
      remedy:
        "set the 12 characters at the end of us-docker.pkg.dev/gloo-mesh/istio-… " +
        "(`pulumi config set flatmesh:repoKey`), or give both charts and images",
    });
  }
  if (version < firstNodePort) {
    clustersWith(config, "nodePort").forEach((path) => {
      report({
        path,
        problem: `needs Istio 1.${String(firstNodePort)} or later: earlier releases of the distribution have no data plane by NodePorts`,
        remedy: `remove it, or write istioVersion 1.${String(firstNodePort)}.0 or later`,
      });
    });
  }
  if (version < firstKeyless && valid.linkMethod === "chart") {
    report({
      path: ["linkMethod"],
      value: "chart",
      problem: `needs Istio 1.${String(firstKeyless)} or later: earlier releases have no peering chart`,
      remedy: `write gateways, or istioVersion 1.${String(firstKeyless)}.0 or later`,
    });
  }
}

/** The version has what a mesh of several clusters needs, and images of the variant. */
function checkSoloImages({ valid: { istioVersion, variant, images } }: PartialConfig, report: Report): void {
  if (istioVersion !== undefined && lt(coerce(istioVersion) ?? istioVersion, firstMulticluster)) {
    report({
      path: ["istioVersion"],
      value: istioVersion,
      problem: `is too old: Solo's distribution links clusters from ${firstMulticluster} on`,
      remedy: `write ${firstMulticluster} or later, or leave it out for ${defaultVersion.solo}`,
    });
  } else if (istioVersion !== undefined && variant?.startsWith("fips") && withoutFips.versions.includes(istioVersion)) {
    report({
      path: ["istioVersion"],
      value: istioVersion,
      problem: "has no FIPS images",
      remedy: `write ${withoutFips.next} or later`,
    });
  }
  if (variant === "debug" && images === undefined) {
    report({
      path: ["variant"],
      value: variant,
      problem: "is for the community distribution: Solo's comes in FIPS and distroless variants",
      remedy: "write default for images with a shell, or give images, a hub that has debug images",
    });
  }
}

function checkCommunity(config: PartialConfig, report: Report): void {
  const { valid, given } = config;
  for (const key of ["license", "licenseSecretRef", "repoKey"].filter((key) => given.has(key))) {
    report({
      path: [key],
      problem: "is for the solo distribution, and this stack has community",
      remedy: "remove it, or write distribution: solo",
    });
  }
  if (valid.linkMethod === "chart") {
    report({
      path: ["linkMethod"],
      value: "chart",
      problem: "is for the solo distribution: the community has no peering chart",
      remedy: "write gateways, or leave it out",
    });
  }
  clustersWith(config, "nodePort").forEach((path) => {
    report({
      path,
      problem: "is for the solo distribution: the community has no east-west Gateway",
      remedy: "remove it: control planes read one another's API servers instead",
    });
  });
  refuseEastWestGateway(config, report);
  if (valid.variant?.startsWith("fips") && valid.images === undefined) {
    report({
      path: ["variant"],
      value: valid.variant,
      problem: "is for the solo distribution: the community publishes no FIPS images",
      remedy: "write distribution: solo, or give images, a hub that has FIPS images",
    });
  }
  if (valid.istioVersion?.includes("-")) {
    report({
      path: ["istioVersion"],
      value: valid.istioVersion,
      problem: "is a version of the solo distribution: the community has no patches of a release",
      remedy: `write "${valid.istioVersion.replace(/-.*/, "")}", or distribution: solo`,
    });
  }
  const version = minorVersion(config, "community");
  if (version !== undefined && version < firstCommunity) {
    report({
      path: ["istioVersion"],
      value: valid.istioVersion,
      problem:
        `is too old: before 1.${String(firstCommunity)} istiod loses the services of a cluster whose remote Secret changes, ` +
        "until it is restarted",
      remedy: `write ${defaultVersion.community}, or leave it out`,
    });
  }
}
