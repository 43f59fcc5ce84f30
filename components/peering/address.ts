import { isIP } from "node:net";
import type { GatewayAddress } from "./gateway";

/** An address with the type that the Gateway API wants beside it: load balancers give IP addresses, or DNS names. */
export function gatewayAddress(value: string): GatewayAddress {
  return { type: isIP(value) === 0 ? "Hostname" : "IPAddress", value };
}
