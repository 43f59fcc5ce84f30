import type * as pulumi from "@pulumi/pulumi";
import type { GatewayAddress } from "./gateway";

/** A cluster that services can be called in, as another cluster needs to know it: of this stack, or of another one. */
export interface Peer {
  /** The mesh's name of the cluster. */
  readonly name: string;
  /** Where its east-west Gateway is reached; absent in the community distribution, which has none. */
  readonly address?: pulumi.Input<GatewayAddress>;
  readonly network: string;
  readonly trustDomain: string;
  readonly region?: string;
  readonly zone?: string;
}
