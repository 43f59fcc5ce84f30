export {
  eastWest,
  type EastWestAddress,
  gatewayType,
  type KnownAddress,
  preferredAddress,
  presentAddress,
} from "./gateway";
export { type Peer, peeringRelease, peeringValues } from "./peer-links";
export type { KnownToken } from "./token-renewal";
export { peeringObjects } from "./objects";
export { type EstablishedLink, type Peering, createPeering } from "./peering";
