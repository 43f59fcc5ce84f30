/**
 * Looking at clusters that run, and changing nothing: what the program asks before it makes anything, and the checks after.
 */
export { type Connection, connectionsIn } from "./access-log";
export { ApiServer, type Clock, Forbidden, Unreachable } from "./api-server";
export { certificatesIn, hashOf, isCertificate, issued, keyOf, rootOf } from "./certificates";
export { issuerOf, istiodPort } from "./issuer";
export {
  Access,
  apiServer,
  engineersAccess,
  foreignAccess,
  foreignKubeconfig,
  type ForeignKubeconfig,
  KubeconfigError,
  ownAccess,
  readForeignKubeconfig,
} from "./kubeconfig";
export { type NodeContainer, runInNode } from "./node-container";
export { dataKey, namespaceName, objectName } from "./object-name";
export { runInPod, type Place } from "./pod-exec";
export { connectToPod, getFromPod, type PodPort } from "./pod-port";
export { type Pod, runningPods } from "./pods";
export { reasonOf, said } from "./said";
export { signingRights, type SigningRights } from "./signing-rights";
export { isIstiod, lookAtTrust } from "./trust";
export { nothingSeen, type TrustFacts, type WorkloadCertificate } from "./trust-facts";
export {
  type CertificateCount,
  countCertificates,
  countText,
  type NamedRoot,
  notYetTrusting,
  stillDepending,
} from "./trust-report";
export { serviceAddressesIn, ztunnelStatePath } from "./ztunnel-state";
