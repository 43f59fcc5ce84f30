export { carriedIn, type Carrying, kindText, speaksOfMesh, unreadIn } from "./carriers";
export { type Chart, chartsOf, firstOf, isRendered, type Part } from "./charts";
export { clusterConfigurations } from "./cluster-configurations";
export { type Component, clusterNames, clusterText, componentsOf } from "./components";
export { hubsOf, type Image, imagesOf, readImage } from "./images";
export {
  annotation,
  clusterOf,
  containers,
  crossesNetworks,
  gatewayClass,
  isEastWest,
  isNamespace,
  isPatch,
  label,
  namespaceOf,
  networkLabel,
  subject,
} from "./objects";
export {
  authoritiesBelow,
  certificatesIn,
  certManagerAuthority,
  type Chain,
  chainIn,
  fileOf,
  filesOf,
  fillsCacerts,
  isAuthority,
  isCacerts,
  tls,
} from "./authorities";
export { type Authority, authoritiesOf, signersOf } from "./hierarchy";
export { minorsAhead, numbersOf, readVersion } from "./versions";
export { machineImagesOf } from "./machine-images";
export { readDocuments, readValues } from "./yaml";
export {
  isRemoteSecret,
  type Kubeconfig,
  kubeconfigOf,
  type RemoteCluster,
  remoteClusters,
  serverOf,
  serverText,
} from "./remote-secrets";
