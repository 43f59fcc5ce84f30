import type { Check } from "../check";
import { reachable } from "../mesh/reachable";
import { sourceAddresses } from "../mesh/source-addresses";
import { controlPlanes } from "./control-planes";
import { definitions } from "./definitions";
import { freeSubnets } from "./free-subnets";
import { kubernetesVersion } from "./kubernetes-version";
import { readinessChecks } from "./readiness";
import { rights } from "./rights";

/** Every check before an install, in the order of reports. */
export const prechecks: readonly Check[] = [
  reachable,
  rights,
  kubernetesVersion,
  definitions,
  controlPlanes,
  ...readinessChecks,
  freeSubnets,
  sourceAddresses,
];
