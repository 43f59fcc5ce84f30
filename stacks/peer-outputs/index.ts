/** The one door for what other stacks say: nothing of it is used that was not read here. */
export { type HandedIntermediate, intermediatesFor } from "./intermediates";
export { peerOutputs, type PeerOutputs, withoutClusters } from "./outputs";
export { quoted } from "../../printable/quoted";
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
