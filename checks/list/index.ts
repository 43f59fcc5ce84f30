import type { Check } from "../check";
import { environment } from "./environment";
import { networkName } from "./network-name";
import { pods } from "./pods";
import { reachable } from "./reachable";

/** Every check of a mesh that stands, in the order of reports: what others depend on comes first. */
export const checks: readonly Check[] = [reachable, environment, pods, networkName];
