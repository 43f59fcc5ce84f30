import type { KubernetesObject } from "../../kubernetes";
import { isOlderRelease } from "../../settings";
import { bundleAnnotation, gatewayGroup } from "../gateway-api/definition";
import { type Problem, warning } from "../problems";
import { fieldsOf } from "./compare";
import type { DeclaredCluster } from "./declared";
import { type LiveCluster, nameOf } from "./read";

/** The release of the Gateway API that a definition states. */
function releaseOf(definition: unknown): string | undefined {
  const release = fieldsOf(fieldsOf(fieldsOf(definition)["metadata"])["annotations"])[bundleAnnotation];
  return typeof release === "string" ? release : undefined;
}

/** Whether somebody has installed a later release of the Gateway API than the stack: taken back, objects would lose what it added. */
export function isOfNewerRelease(declared: KubernetesObject, live: unknown): boolean {
  return declared.metadata.name.endsWith(`.${gatewayGroup}`) && isOlderRelease(releaseOf(declared), releaseOf(live));
}

/** One warning for all definitions of a cluster that are of a later release than the stack's, recorded and planned. */
export function newerDefinitions(
  cluster: string,
  declared: DeclaredCluster,
  found: LiveCluster,
  planned?: string,
): readonly Problem[] {
  const newer = declared.objects.flatMap(({ object }) => {
    const live = found.objects.get(nameOf(object));
    const isOvertaken = planned !== undefined && !isOlderRelease(planned, releaseOf(live));
    return isOfNewerRelease(object, live) && !isOvertaken
      ? [{ name: object.metadata.name, object, release: releaseOf(live) ?? "" }]
      : [];
  });
  const [first] = newer;
  if (first === undefined) {
    return [];
  }
  const more = newer.length > 1 ? ` and ${String(newer.length - 1)} more` : "";
  const own = releaseOf(first.object) ?? "";
  const url = `https://github.com/kubernetes-sigs/gateway-api/releases/download/${own}/standard-install.yaml`;
  return [
    warning(
      `Cluster ${cluster}: definition ${first.name}${more} of the Gateway API is of release ${first.release}, which the stack has not ` +
        `installed: its own is ${own}. It stays, since an older release does not know what objects of the newer one hold. Either write ` +
        `gatewayApi.version: ${first.release} in the settings, and run pulumi up, which makes it the stack's in every cluster; or put ` +
        `the stack's release back, in that cluster: kubectl apply --server-side --force-conflicts -f ${url}`,
    ),
  ];
}
