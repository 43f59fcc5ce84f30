export { lastAddress, nodeSubnets } from "./addresses";
export type { Config } from "./draft";
export { type Fault, SettingsError } from "./faults";
export { contains, overlap, parseSubnet, subnetFault, subnetText } from "./ipv4";
export { type Link, type LinkSetting, planLinks } from "./links";
export { inform, warn } from "./log";
export { type ParseOptions, parseSettings } from "./parse";
export { Refusal } from "./refusal";
export { type Rehearsal, rehearsalConfig } from "./rehearsal";
export { firstRoot } from "./root";
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
