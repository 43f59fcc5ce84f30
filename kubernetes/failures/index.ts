/** Why what was installed does not come up: by errors, and by the pods, events and logs of a namespace. */
export type { Cause } from "./cause";
export { errorCause, waitedInVain } from "./errors";
export { type Finding, judge } from "./judge";
export { type Belongs, ofGateway, ofName, ofRelease } from "./objects";
export { findFailures } from "./read";
