/**
 * X.509 certificates and private keys: reading them as Go and istiod do, and what an authority may be used for. No Pulumi, no cluster.
 */
export { authorityFaults, isSelfSigned, timeFault } from "./authority";
export { cacertsNames, type CacertsNames, certificatesOfCacerts } from "./cacerts";
export {
  certificatesIn,
  chainOf,
  hashOf,
  isCertificate,
  isPrivateKey,
  issued,
  keyOf,
  readAsGo,
  readCertificates,
  type ReadCertificates,
  rootOf,
} from "./certificates";
export type { Fault } from "./fault";
export { goBlocks, isPlain, pemOf } from "./pem";
export { isKeyOf, readKeyAsGo, readPrivateKey } from "./private-key";
export { keyFault, keyLimit, keyName } from "./public-key";
export { structureOf } from "./structure";
