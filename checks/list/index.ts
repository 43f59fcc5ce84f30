import type { Check } from "../check";
import { dnsCapture } from "./dns-capture";
import { eastWest } from "./east-west-gateways";
import { environment } from "./environment";
import { networkName } from "./network-name";
import { license } from "./license";
import { peers } from "./peers";
import { pods } from "./pods";
import { reachable } from "./reachable";
import { subnets } from "./subnets";

import { globalServices } from "./global-services";
import { nodeRoutes } from "./node-routes";
import { podMatrix } from "./pod-matrix";
import { remoteApiServers } from "./remote-api-servers";
import { remoteSecrets } from "./remote-secrets";
import { staleEntries } from "./stale-entries";
import { traffic } from "./traffic";

/** What clusters know of each other, and what their pods make of it. */
const connections: readonly Check[] = [
  remoteSecrets,
  remoteApiServers,
  nodeRoutes,
  podMatrix,
  globalServices,
  staleEntries,
  traffic,
];

/** Every check of a mesh that stands, in the order of reports: what others depend on comes first. */
export const checks: readonly Check[] = [
  reachable,
  environment,
  license,
  dnsCapture,
  pods,
  networkName,
  subnets,
  eastWest,
  peers,
  ...connections,
];
