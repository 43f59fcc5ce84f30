export { eastWest, type EastWestAddress } from "./gateway";
export { checkLinkMethod } from "./link-method";
export { type PeerStacks, readPeerStacks } from "./peer-stacks";
export { peeringObjects } from "./objects";
export { type EstablishedLink, type Peering, createPeering } from "./peering";
