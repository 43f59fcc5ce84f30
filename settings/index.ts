export { hostAddress, subnet, subnetProblem } from "./addresses";
export type { ChartSettings } from "./chart-settings";
export { longestClusterName } from "./clusters";
export { encryptedPaths, isEncrypted, isSecret, type Path, withPlaceholders } from "./encrypted";
export type { EastWestGatewaySettings } from "./east-west-gateway";
export { contextName, dnsLabel, dnsName, inCluster, kubeconfig, labelValue, stackName } from "./formats";
export {
  awaitedDefinitions,
  defaultGatewayApi,
  isOlderRelease,
  minimumReleases,
  releaseByIstio,
  readyFrom,
  unmetMinimum,
} from "./gateway-api";
export { type ChartName, chartNames, formerKeys } from "./guarded-values";
export { registries } from "./distribution";
export { type ConfigIssue, SettingsError } from "./issues";
export { givenKubeconfig, type KubeconfigOutput } from "./kubeconfig-sources";
export { type Link, type LinkSetting, planLinks } from "./links";
export type { ManifestsSetting } from "./manifests";
export { type Config, notEncrypted, ofNamespace, type ParseOptions, parseSettings, stackSettings } from "./parse";
export { completeConfig, type Rehearsal, rehearsalConfig } from "./rehearsal";
export { pathText } from "./reference";
export { firstRoot, rootNameText } from "./root";
export { tokenOverlapDays } from "./schema";
export type {
  ChartRegistrySettings,
  ClusterSettings,
  Distribution,
  ExistingClusterSettings,
  IntermediateSettings,
  IssuingSettings,
  KindClusterSettings,
  KwokClusterSettings,
  MadeCluster,
  Platform,
  PullSecretSettings,
  RootSettings,
  Settings,
} from "./settings";
export { isUnseen, mergedSetting, stackEnvironment } from "./stack-environment";
export {
  containerNetworkIn,
  contains,
  fitsMadeCluster,
  lastAddress,
  nodeSubnets,
  overlap,
  parseSubnet,
  planAddresses,
  type Subnet,
  subnetAt,
  type SubnetRequest,
  subnetText,
} from "./subnets";
