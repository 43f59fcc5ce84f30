export { hostAddress, subnet, subnetProblem } from "./addresses";
export { longestClusterName } from "./clusters";
export { contextName, dnsLabel, dnsName, labelValue, stackName } from "./formats";
export {
  awaitedDefinitions,
  defaultGatewayApi,
  isOlderRelease,
  minimumReleases,
  releaseByIstio,
  readyFrom,
  unmetMinimum,
} from "./gateway-api";
export { type ConfigIssue, SettingsError } from "./issues";
export { type Link, type LinkSetting, planLinks } from "./links";
export { type Config, ofNamespace, type ParseOptions, parseSettings, stackSettings } from "./parse";
export { type Rehearsal, rehearsalConfig } from "./rehearsal";
export { firstRoot, rootNameText } from "./root";
export { tokenOverlapDays } from "./schema";
export type {
  ClusterSettings,
  Distribution,
  ExistingClusterSettings,
  IntermediateSettings,
  IssuingSettings,
  KindClusterSettings,
  KwokClusterSettings,
  MadeCluster,
  Platform,
  RootSettings,
  Settings,
} from "./settings";
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
