/** The one door for what other stacks say: nothing of it is used that was not read here. */
export { intermediatesFor, type SignedIntermediate } from "./intermediates";
export { type PeerOutputs, readPeerOutputs, withoutClusters } from "./outputs";
export { type RemoteAccess, remoteAccessIn, remoteKubeconfig } from "./remote-access";
export {
  meshPeerOutput,
  meshPeerVersion,
  type PeerRoots,
  type Told,
  type ToldAddress,
  type ToldCluster,
  type ToldKind,
} from "./types";
