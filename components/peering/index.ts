export { eastWest, type EastWestAddress } from "./gateway";
export { checkLinkMethod } from "./link-method";
export { type PeerStacks, readPeerStacks } from "./peer-stacks";
export { type EstablishedLink, type Peering, createPeering } from "./peering";
