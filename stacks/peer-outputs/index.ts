/** The only way in for other stacks' outputs: everything that is used of them is validated here. */
export { intermediatesFor, type SignedIntermediate } from "./intermediates";
export { type PeerOutputs, readPeerOutputs, withoutClusters } from "./outputs";
export { type RemoteAccess, remoteAccessIn, remoteKubeconfig } from "./remote-access";
export {
  meshPeerOutput,
  meshPeerVersion,
  type PeerRoots,
  type MeshPeer,
  type PeerAddress,
  type MeshPeerCluster,
  type PeerKindCluster,
} from "./types";
