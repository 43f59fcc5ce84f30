export { eastWest, type EastWestAddress } from "./gateway";
export { checkLinkMethod } from "../../preflight/peering/link-method";
export { type PeerStacks, readPeerStacks } from "../../preflight/peering/peer-stacks";
export { peeringObjects } from "./objects";
export { type EstablishedLink, type Peering, createPeering } from "./peering";
