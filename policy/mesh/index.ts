export { type Chart, chartsOf, firstOf, type Part } from "./charts";
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
  subject,
} from "./objects";
export { certificatesIn, certManagerAuthority, fileOf, fillsCacerts, isAuthority, isCacerts, tls } from "./authorities";
export { type Authority, authoritiesOf, signersOf } from "./hierarchy";
export { minorsAhead, readVersion, type Version } from "./versions";
export { isRendered } from "./charts";
export { machineImagesOf } from "./machine-images";
export { authoritiesBelow, type Chain, chainIn } from "./chains";
