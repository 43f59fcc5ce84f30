/** Is the mesh of a stack as it should be? */
export type { Cause } from "./causes";
export { type Check, type Finding, isTrouble, statuses, type Status } from "./check";
export { checks } from "./mesh";
export { prechecks } from "./precheck";
export { type Mesh, Cluster, type Expected, type Link } from "./inventory";
export { jsonReport, junitReport, Report, summaryText, textReport } from "./report";
export { exitCode, type CheckResult, runChecks, type RunOptions } from "./run";
export {
  fromContexts,
  fromRehearsal,
  fromSettings,
  fromStack,
  clustersInState,
  rehearsalOf,
  rehearsedAccess,
  type Source,
  SourceError,
} from "./sources";
export { checkSource } from "./run";
