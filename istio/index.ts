/** What Istio's parts tell of themselves: istiod, ztunnel and proxies, by their dumps, logs and certificates. Nothing is changed. */
export { type Connection, connectionsIn } from "./access-log";
export { issuerOf, istiodPort } from "./issuer";
export { isIstiod, readTrust } from "./trust";
export { unreadTrust, type TrustState, type WorkloadCertificate } from "./trust-state";
export {
  type CertificateCount,
  countCertificates,
  countText,
  type NamedRoot,
  notYetTrusting,
  stillDepending,
} from "./trust-report";
export { serviceAddressesIn, ztunnelStatePath } from "./ztunnel-state";
