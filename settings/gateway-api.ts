/**
 * Which releases of the Gateway API go with which version of Istio. By Istio's sources: the release that it is built on stands in
 * `go.mod`, and the kinds that it ignores below a release in `pkg/config/schema/gatewayapi/minimumversions.go` (before 1.30:
 * `pkg/kube/kclient/crdwatcher.go`).
 */
import { coerce, compare, lt } from "semver";
import { minorOf } from "./distribution";

/** From which minor version on Istio is built on which release, newest first; the last one is for all that come before. */
export const releaseByIstio: readonly { readonly istioMinor: number; readonly release: string }[] = [
  { istioMinor: 31, release: "v1.6.0" },
  { istioMinor: 30, release: "v1.5.1" },
  // 1.28.7 and 1.29.3 went on to v1.4.1, which changes nothing of what they read. Earlier minor versions are built on releases down to
  // v1.2.0, and read v1.4.0 as well, which the first versions of this program installed for each of them.
  { istioMinor: 28, release: "v1.4.0" },
];

/** The release that a version of Istio is installed with, unless the settings name one. */
export function defaultGatewayApi(istioVersion: string): string {
  const minor = minorOf(istioVersion);
  const found = releaseByIstio.find(({ istioMinor }) => minor >= istioMinor) ?? releaseByIstio.at(-1);
  if (found === undefined) {
    throw new Error("releaseByIstio is empty");
  }
  return found.release;
}

/** A kind whose objects Istio ignores where its definition is of an earlier release. */
export interface MinimumRelease {
  readonly kind: string;
  /** Name of the definition. */
  readonly definition: string;
  readonly release: string;
  /** The minor version of Istio from which on that is so. */
  readonly istioMinor: number;
}

export const minimumReleases: readonly MinimumRelease[] = (
  [
    ["GRPCRoute", "grpcroutes", "v1.1.0", 22],
    ["BackendTLSPolicy", "backendtlspolicies", "v1.4.0", 28],
    ["TLSRoute", "tlsroutes", "v1.5.0", 30],
    ["TCPRoute", "tcproutes", "v1.6.0", 31],
  ] as const
).map(([kind, plural, release, istioMinor]) => ({
  kind,
  definition: `${plural}.gateway.networking.k8s.io`,
  release,
  istioMinor,
}));

/**
 * The requirement that a definition does not meet, so that Istio ignores its objects; undefined where it does, or has none.
 *
 * @param bundle Its release, as its annotation says; undefined if it says none, with which Istio ignores it as well.
 */
export function unmetMinimum(
  definition: string,
  bundle: string | undefined,
  istioVersion: string,
): MinimumRelease | undefined {
  const required = minimumReleases.find((one) => one.definition === definition);
  return required === undefined || minorOf(istioVersion) < required.istioMinor
    ? undefined
    : coerce(bundle) === null || isOlderRelease(bundle, required.release)
      ? required
      : undefined;
}

/** The kinds whose version v1 istiod waits for before it is ready, if they are defined at all: names of their definitions. */
export function awaitedDefinitions(istioVersion: string): readonly string[] {
  const plurals = ["gatewayclasses", "gateways", ...(minorOf(istioVersion) >= 29 ? ["httproutes"] : [])];
  return plurals.map((plural) => `${plural}.gateway.networking.k8s.io`);
}

/** The first patch releases that start with definitions of v1.5 or later (istio/istio#59443), of minor versions that came before it. */
const firstIndifferent: readonly string[] = ["1.27.9", "1.28.6", "1.29.2"];

/**
 * The versions of Istio from which on istiod becomes ready with a release; undefined where this one does. Earlier ones may wait
 * forever for a version of TLSRoutes that v1.5 and later no longer serve.
 */
export function readyFrom(istioVersion: string, bundle: string | undefined): readonly string[] | undefined {
  const minor = minorOf(istioVersion);
  const own = coerce(istioVersion);
  if (own === null || minor >= 30 || coerce(bundle) === null || isOlderRelease(bundle, "v1.5.0")) {
    return undefined;
  }
  const fixed = firstIndifferent.find((version) => minorOf(version) === minor);
  return fixed !== undefined && !lt(own, fixed) ? undefined : firstIndifferent.filter((version) => lt(own, version));
}

/** Whether a release, such as `v1.2.0`, comes before another; false if one of them is not known. Release candidates count as releases. */
export function isOlderRelease(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [coerce(one), coerce(other)];
  return a !== null && b !== null && compare(a, b) < 0;
}
