export { SourceError } from "./source";
export { byContext, fromContexts, unreachable } from "./from-contexts";
export { fromSettings } from "./from-settings";
export { fromRehearsal, fromStack, clustersInState, rehearsalOf, rehearsedAccess } from "./from-stack";
export type { Source } from "./source";
