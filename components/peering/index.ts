export { eastWest } from "./east-west-gateway";
export { type GatewayAddress } from "./gateway";
export { type PeerStacks, readPeerStacks } from "./peer-stacks";
export { type EstablishedLink, type Peering, createPeering } from "./peering";
