import { readTrust, type TrustState } from "../../istio";
import type { Access } from "../../kubernetes";
import type { RootSettings } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import type { Roots } from "../../components/trust";
import type { PlannedCluster } from "../cluster-plan";
import { absent, type Datum, known, notLookedAt, unavailable } from "../datum";
import type { OwnStack } from "../engine";
import { recordedRoots, rootsInSecrets } from "./recorded-roots";

/** Clusters that have the stack's certificates, but no kubeconfig in its state: a sentence each. */
export function clustersWithoutAccess(
  clusters: readonly PlannedCluster[],
  state: StackState,
  access: ReadonlyMap<string, Access>,
): string[] {
  return clusters
    .filter(
      ({ name, namePrefix }) =>
        !access.has(name) && state.has(resourceKey("kubernetes:core/v1:Secret", `${namePrefix}-cacerts`)),
    )
    .map(
      ({ name }) =>
        `cluster ${name}: this stack's state has no kubeconfig of it, since its creation was never completed. Complete an ` +
        "update with the roots as they were before.",
    );
}

/**
 * The roots that the stack's clusters have before this update; absent if there is nothing to break. If their certificates were
 * managed elsewhere so far, they are read from the clusters.
 */
export async function readCurrentRoots(
  clusters: readonly PlannedCluster[],
  own: OwnStack,
  access: ReadonlyMap<string, Access>,
  offline: boolean,
): Promise<Datum<Roots>> {
  const recorded = recordedRoots(own);
  if (recorded === "external") {
    return offline ? notLookedAt : readExternalRoots(clusters, own.state, access);
  }
  return recorded === undefined ? absent : known(recorded);
}

async function readExternalRoots(
  clusters: readonly PlannedCluster[],
  state: StackState,
  access: ReadonlyMap<string, Access>,
): Promise<Datum<Roots>> {
  const meshes = clusters.filter(({ namePrefix }) =>
    state.has(resourceKey("kubernetes:helm.sh/v3:Release", `${namePrefix}-istiod`)),
  );
  const read = await Promise.all(
    meshes.map(async ({ name }): Promise<Datum<Readonly<Record<string, string>>>> => {
      const clusterAccess = access.get(name);
      return clusterAccess === undefined
        ? unavailable(
            `cluster ${name}: this stack's state has no kubeconfig of it, since its creation was never completed.`,
          )
        : cacertsOf(await readTrust(name, clusterAccess));
    }),
  );
  const reasons = read.flatMap((one) => (one.status === "unavailable" ? [one.reason] : []));
  if (reasons.length > 0) {
    return unavailable(reasons.map((reason) => `  - ${reason}`).join("\n"));
  }
  const roots = rootsInSecrets(read.flatMap((one) => (one.status === "known" ? [one.value] : [])));
  return roots === undefined ? absent : known(roots);
}

/** The files of `cacerts`: from the Secret, or, if that was deleted, from what istiod still uses. */
function cacertsOf(trust: TrustState): Datum<Readonly<Record<string, string>>> {
  const { cluster, cacerts, published = [], issuers, unseen } = trust;
  const [reason = "its certificates do not chain to a root that it trusts"] = unseen;
  const [issuer] = issuers;
  const chain = cacerts?.chain ?? (issuer ? [issuer.certificate] : []);
  const files = { "ca-cert.pem": chain.join(""), "root-cert.pem": (cacerts?.trusted ?? published).join("") };
  return rootsInSecrets([files]) === undefined ? unavailable(`cluster ${cluster}: ${reason}.`) : known(files);
}

/** What to do about a skipped stage, which depends on where the roots come from. */
export function skippedStageRemedy(root: RootSettings, own: OwnStack, wants: Roots): string {
  const external =
    recordedRoots(own) === "external"
      ? " The certificates of this stack's clusters were managed elsewhere so far: first take over with exactly the roots that " +
        "the clusters have, root: {certificate, privateKey} of the one that signs and any other in alsoTrusted."
      : "";
  switch (root.source) {
    case "stack":
      return (
        `${external} The stages come from ${root.stack}: go back there to the stage after this stack's, and run pulumi up on it ` +
        `first. If the old root is lost for good, and no stage can have both, write unverified: "${wants.signing}" next to ` +
        "the root for one pulumi up of each stack: calls between clusters fail until all of them have followed."
      );
    case "generate":
      return root.trusted.every((name) => wants.trusted.get(name) === undefined)
        ? `${external} A root that this stack has yet to create would be trusted and sign at once: have the root made elsewhere, so ` +
            "that it can be trusted before it signs (docs/root-rotation.md#a-root-that-comes-from-elsewhere)."
        : external;
    default:
      return external;
  }
}
