/** The Gateway API's definitions that a stack installs: of which release they are, and where they come from. */
import { z } from "zod";
import type { Definition } from "../../components/mesh";
import { PreconditionError } from "../../diagnostics";
import { defaultGatewayApi, isOlderRelease, type Settings, readyFrom, unmetMinimum } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import { type Judged, type Problem, warning } from "../problems";
import { bundledDefinitions, bundledReleases, knownDigest } from "./bundles";
import { bundleAnnotation, digestOf } from "./definition";
import { gatewayApiSection, isUrl, loadManifests } from "./manifests";

export { bundledDefinitions, bundledReleases, bundleFile } from "./bundles";
export { bundleAnnotation, channelAnnotation, digestOf, gatewayGroup } from "./definition";
export { parseManifests } from "./manifests";

/** What a stack installs of the Gateway API. */
export interface GatewayApiBundle {
  /** Such as `v1.4.0`. */
  readonly release: string;
  readonly definitions: readonly Definition[];
}

type GatewayApiSettings = Pick<Settings, "gatewayApi" | "istioVersion">;

/** What a stack without clusters installs. */
export function noGatewayApi({ istioVersion }: GatewayApiSettings): GatewayApiBundle {
  return { release: defaultGatewayApi(istioVersion), definitions: [] };
}

/**
 * Provides the definitions: those of `manifests`, or of a release that comes with the program. Without settings the release follows
 * the version of Istio, and never falls behind what the stack has installed.
 *
 * @throws PreconditionError if there are none of that release, or it is older than what the stack has installed.
 */
export async function gatewayApiBundle(
  settings: GatewayApiSettings,
  state: StackState,
): Promise<Judged<GatewayApiBundle>> {
  const { manifests, version } = settings.gatewayApi;
  const before = installedRelease(state);
  const bundle =
    manifests === undefined
      ? fromProgram(version ?? newest(defaultGatewayApi(settings.istioVersion), before))
      : await fromManifests(manifests, version, settings);
  if (isOlderRelease(bundle.release, before)) {
    throw new PreconditionError(
      `gatewayApi: this stack has installed the Gateway API ${before ?? ""}, and its settings ask for ${bundle.release}. An older ` +
        "release does not know what objects of the newer one hold, so definitions are never taken back: write " +
        `gatewayApi.version: ${before ?? ""} or later.`,
      gatewayApiSection,
    );
  }
  const lost = installedNames(state).filter(
    (name) => !bundle.definitions.some(({ metadata }) => metadata.name === name),
  );
  if (lost.length > 0) {
    throw new PreconditionError(
      `gatewayApi: ${manifests ?? `the standard channel of ${bundle.release}`} lacks ${lost.join(", ")}, which this stack has installed. ` +
        "With a definition all of its objects would be deleted. Point gatewayApi.manifests at the whole file of a release that has " +
        "them.",
      gatewayApiSection,
    );
  }
  return { value: bundle, problems: mismatches(bundle, settings.istioVersion) };
}

const Recorded = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()) }) });

/** The definitions that the stack has installed in clusters, with the key of their resource. */
function installed(state: StackState): [key: string, outputs: unknown][] {
  const type = resourceKey("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "");
  return [...state].filter(([key]) => key.startsWith(type) && /\.gateway\.networking\.(x-)?k8s\.io$/.test(key));
}

/** Their names, each once: what follows the name prefix of the cluster. */
function installedNames(state: StackState): string[] {
  return [...new Set(installed(state).map(([key]) => key.slice(key.lastIndexOf("-", key.indexOf(".gateway.")) + 1)))];
}

/** The newest of their releases; undefined if there are none. */
function installedRelease(state: StackState): string | undefined {
  return installed(state)
    .map(([, outputs]) => Recorded.safeParse(outputs).data?.metadata.annotations[bundleAnnotation])
    .reduce((one, other) => (one === undefined || isOlderRelease(one, other) ? other : one), undefined);
}

function newest(release: string, before: string | undefined): string {
  return before !== undefined && isOlderRelease(release, before) ? before : release;
}

function fromProgram(release: string): GatewayApiBundle {
  if (!bundledReleases.includes(release)) {
    throw new PreconditionError(
      `gatewayApi: the Gateway API ${release} does not come with this program, which has ${bundledReleases.join(", ")}. Write one of ` +
        `these in gatewayApi.version, or keep a reviewed copy of the standard-install.yaml of ${release} next to the stack's ` +
        "settings and give its path in gatewayApi.manifests.",
      gatewayApiSection,
    );
  }
  return { release, definitions: bundledDefinitions(release) };
}

/** Definitions of a known release have to be that release's; only a local file may be of a release that is not known here. */
async function fromManifests(
  source: string,
  version: string | undefined,
  settings: GatewayApiSettings,
): Promise<GatewayApiBundle> {
  if (version !== undefined && isUrl(source)) {
    checkKnown(version, source);
  }
  const definitions = await loadManifests(source);
  const stated = [...new Set(definitions.flatMap(({ metadata }) => metadata.annotations?.[bundleAnnotation] ?? []))];
  if (stated.length > 1) {
    throw new PreconditionError(
      `gatewayApi: ${source} has definitions of several releases: ${stated.sort().join(", ")}. Point gatewayApi.manifests at a copy of ` +
        "one release's standard-install.yaml.",
      gatewayApiSection,
    );
  }
  const [own] = stated;
  const release = version ?? own ?? defaultGatewayApi(settings.istioVersion);
  if (own !== undefined && (isOlderRelease(own, release) || isOlderRelease(release, own))) {
    throw new PreconditionError(
      `gatewayApi: ${source} holds the Gateway API ${own}, and gatewayApi.version is ${release}. Write gatewayApi.version: ${own}, or ` +
        `point gatewayApi.manifests at a copy of the standard-install.yaml of ${release}.`,
      gatewayApiSection,
    );
  }
  if (isUrl(source)) {
    checkKnown(release, source);
  }
  const [digest, expected] = [digestOf(definitions), knownDigest(release)];
  if (expected !== undefined && digest !== expected) {
    throw new PreconditionError(
      `gatewayApi: ${source} does not hold the standard channel of ${release}: digest ${digest}, expected ${expected}. ` +
        "Point gatewayApi.manifests at an unchanged copy of that release's standard-install.yaml, or leave it out: the program has " +
        "the release itself.",
      gatewayApiSection,
    );
  }
  return { release, definitions };
}

function checkKnown(release: string, url: string): void {
  if (knownDigest(release) === undefined) {
    throw new PreconditionError(
      `gatewayApi: the digest of ${release} is not known, so what ${url} sends can't be verified. Use one of ` +
        `${bundledReleases.join(", ")}, or keep a reviewed copy of the release's standard-install.yaml next to the ` +
        "stack's settings and give its path in gatewayApi.manifests.",
      gatewayApiSection,
    );
  }
}

/** What of a release this version of Istio can't work with. */
function mismatches({ release, definitions }: GatewayApiBundle, istioVersion: string): readonly Problem[] {
  const fixed = readyFrom(istioVersion, release);
  const ignored = definitions.flatMap(({ metadata }) => {
    const unmet = unmetMinimum(metadata.name, metadata.annotations?.[bundleAnnotation] ?? release, istioVersion);
    return unmet === undefined ? [] : [`${unmet.kind} (${unmet.release})`];
  });
  return [
    ...(fixed === undefined
      ? []
      : [
          warning(
            `gatewayApi: Istio ${istioVersion} came before the Gateway API ${release}, and its istiod may never become ready with it ` +
              `(istio/istio#59443). Set istioVersion to ${fixed.join(", ")} or later. Do not install an older Gateway API over it.`,
          ),
        ]),
    ...(ignored.length === 0
      ? []
      : [
          warning(
            `gatewayApi: Istio ${istioVersion} ignores the objects of kinds that it needs in a later release than ${release}: ` +
              `${ignored.join(", ")}. Set gatewayApi.version to ${defaultGatewayApi(istioVersion)}, or ` +
              "leave it out.",
          ),
        ]),
  ];
}
