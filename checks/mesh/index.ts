import type { Check } from "../check";
import { clockSkew } from "./clock-skew";
import { clusterNames } from "./cluster-names";
import { dnsCapture } from "./dns-capture";
import { eastWest } from "./east-west-gateways";
import { environment } from "./environment";
import { gatewayApi } from "./gateway-api";
import { globalServices } from "./global-services";
import { intermediates } from "./intermediates";
import { license } from "./license";
import { meshPort } from "./mesh-port";
import { networkName } from "./network-name";
import { nodeRoutes } from "./node-routes";
import { peers } from "./peers";
import { podMatrix } from "./pod-matrix";
import { pods } from "./pods";
import { reachable } from "./reachable";
import { remoteApiServers } from "./remote-api-servers";
import { remoteSecrets } from "./remote-secrets";
import { root } from "./root";
import { sourceAddresses } from "./source-addresses";
import { staleEntries } from "./stale-entries";
import { subnets } from "./subnets";
import { traffic } from "./traffic";
import { trustDomain } from "./trust-domain";
import { trustedNodeAccounts } from "./trusted-node-accounts";
import { versions } from "./versions";
import { workloadCertificates } from "./workload-certificates";

/** Every check of an installed mesh, in the order of reports: what others depend on comes first. */
export const checks: readonly Check[] = [
  reachable,
  clockSkew,
  // The mesh of each cluster.
  gatewayApi,
  versions,
  environment,
  trustedNodeAccounts,
  license,
  dnsCapture,
  pods,
  // What all clusters have to agree on.
  networkName,
  clusterNames,
  trustDomain,
  root,
  intermediates,
  workloadCertificates,
  // How they reach each other.
  subnets,
  nodeRoutes,
  sourceAddresses,
  eastWest,
  peers,
  remoteSecrets,
  remoteApiServers,
  meshPort,
  // What results from it.
  globalServices,
  staleEntries,
  podMatrix,
  traffic,
];
