/**
 * What the states and outputs of Pulumi stacks hold. Nothing here asks a backend: preflight/ reads the ones that the program is
 * run for, checks and rehearsals bring what they have exported.
 */
export { type KeptCluster, keptClusters } from "./clusters";
export { type RecordedOutputs, recordedOutputs, type StackOutputs, stackOutputsSchema } from "./outputs";
export { exportedState, isSecret, resourceKey, keyOfUrn, type StackState } from "./state";
