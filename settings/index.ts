export { lastAddress, nodeSubnets } from "./addresses";
export { longestClusterName } from "./checks/names";
export { containerNetworkIn, fitsMadeCluster } from "./checks/subnets";
export type { Config } from "./draft";
export { type Fault, SettingsError } from "./faults";
export { contains, overlap, parseSubnet, subnetFault, subnetText } from "./ipv4";
export { type Link, type LinkSetting, planLinks } from "./links";
export { inform, warn } from "./log";
export { type ParseOptions, parseSettings } from "./parse";
export { type DocsSection, PreconditionError } from "./precondition-error";
export { type Rehearsal, rehearsalConfig } from "./rehearsal";
export { firstRoot } from "./root";
export { rootNameText } from "./schema/root";
export { contextName, dnsLabel, dnsName, hostAddress, labelValue, stackName, subnet } from "./schema/texts";
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
export { ofNamespace, stackSettings } from "./stack";
