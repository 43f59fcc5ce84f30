import type * as pulumi from "@pulumi/pulumi";
import type { EastWestAddress } from "./gateway";

/** A cluster that services can be called in, as another cluster needs to know it: of this stack, or of another one. */
export interface Peer {
  /** The mesh's name of the cluster. */
  readonly name: string;
  /** Where its east-west Gateway is reached; absent in the community distribution, which has none. */
  readonly address?: pulumi.Input<EastWestAddress>;
  /** Port of its nodes, where they are what it is reached by. Known before the address is. */
  readonly nodePort?: number;
  readonly network: string;
  readonly trustDomain: string;
  readonly region?: string;
  readonly zone?: string;
  /** It can't be seen from here: a link to it that stands stays as the state has it. */
  readonly asRecorded?: boolean;
}
