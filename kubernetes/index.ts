/**
 * A client of Kubernetes clusters: kubeconfigs, API servers, pods, and nodes that are containers. It reads; what it changes are the
 * repairs that it is given.
 */
export { ApiServer, type Clock, type DryRun, type FirstPage, Forbidden, Unreachable } from "./api-server";
export {
  Access,
  apiServer,
  engineersAccess,
  engineersFiles,
  engineersNamed,
  foreignAccess,
  foreignKubeconfig,
  type ForeignKubeconfig,
  inClusterKubeconfig,
  KubeconfigError,
  type NamedEntries,
  ownAccess,
  readForeignKubeconfig,
} from "./kubeconfig";
export { asServed } from "./as-served";
export {
  awaitDeletion,
  isOfCreation,
  type ManagedFields,
  managedFieldsSchema,
  objectPath,
  isPrepared,
  recreateInPlace,
} from "./created-fields";
export { helmRecord, usableRecords } from "./helm-record";
export { type NodeContainer, runInNode } from "./node-container";
export { dataKey, namespaceName, objectName } from "./object-name";
export { objectPaths, type PathOf } from "./object-paths";
export { runInPod, type Place } from "./pod-exec";
export { connectToPod, getFromPod, type PodPort } from "./pod-port";
export { type Pod, runningPods } from "./pods";
export { quantity } from "./quantities";
export { carryOut } from "./repair";
export { type KubernetesObject, type ObjectReference, type RepairAction, titleOf } from "./repair-actions";
export { reasonOf, excerpt } from "./error-messages";
export {
  type Belongs,
  type Cause,
  errorCause,
  findFailures,
  type Finding,
  judge,
  ofGateway,
  ofName,
  ofRelease,
  waitedInVain,
} from "./failures";
export { isTransient } from "./transient";
