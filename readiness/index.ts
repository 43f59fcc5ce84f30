/**
 * Whether a cluster that exists is fit for a mesh: one reading and one judgement for preflight, and for `flatmesh check --precheck`.
 * Reading changes nothing and never fails as a whole; judging is a pure function of what was read.
 */
export { type ChartObject, chartObjects } from "./chart-objects";
export { type Concern, type Topic, topics } from "./concern";
export { type Facts, type FactsReader, readFacts } from "./facts";
export { judgeFacts, unaskedAdmission, type UnreadFact, unreadFacts } from "./judge";
export {
  judgeMasquerading,
  type JudgedMasquerading,
  type MasqueradingReader,
  type OtherPods,
  readMasquerading,
  subnetsInUse,
} from "./masquerade";
export { installPlan, type InstallPlan, planWithoutSettings } from "./plan";
export { type Reading, readOr } from "./reading";
export { type Amounts, defaultWorkloads, type Workload } from "./workloads";
