/**
 * Reads the states and outputs of Pulumi stacks. Nothing here calls a backend: preflight/ fetches those that a run needs, checks
 * and rehearsals bring what they exported.
 */
export { type RecordedKubeconfig, recordedKubeconfigs } from "./clusters";
export { kubeconfigIn, type ReadKubeconfig } from "./kubeconfig-output";
export { type RecordedOutputs, recordedOutputs, type StackOutputs, stackOutputsSchema } from "./outputs";
export { type PendingCreate, pendingCreates, pendingReplacements } from "./pending";
export { exportedState, isSecret, resourceKey, keyOfUrn, type StackState } from "./state";
