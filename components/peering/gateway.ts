import { isIP } from "node:net";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/** Namespace of both Gateways of a peering, and name of the one that peers reach. */
export const eastWest = "istio-eastwest";

/** What the parameters of its Service stand in. */
export const parametersName = "istio-eastwest-service";

/** Name of the Gateway that stands for a peer. */
export function peerGatewayName(peer: string): string {
  return `istio-remote-peer-${peer}`;
}

/** Pulumi's type of a Gateway. */
export const gatewayType = "kubernetes:gateway.networking.k8s.io/v1:Gateway";

/** What of gateway.networking.k8s.io/v1 the two Gateways of a peering use. */
export interface GatewayArgs {
  readonly metadata: pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>;
  readonly spec: pulumi.Input<GatewaySpec>;
}

export interface GatewaySpec {
  readonly gatewayClassName: string;
  readonly addresses?: pulumi.Input<pulumi.Input<GatewayAddress>[]>;
  readonly listeners: readonly Listener[];
  readonly infrastructure?: {
    readonly parametersRef: { readonly group: string; readonly kind: string; readonly name: string };
  };
}

/** Where a Gateway is reached: `value` is an IP address or a DNS name, as `type` says. */
export interface GatewayAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

/** An address with the type that the Gateway API wants beside it: load balancers give IP addresses, or DNS names. */
export function gatewayAddress(value: string): GatewayAddress {
  return { type: isIP(value) === 0 ? "Hostname" : "IPAddress", value };
}

interface Listener {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls: { readonly mode: "Passthrough" };
  readonly allowedRoutes: { readonly namespaces: { readonly from: "Same" } };
}

export interface GatewayStatus {
  readonly addresses?: readonly { readonly type?: string; readonly value: string }[];
}

/**
 * A Gateway whose status the program can read: `apiextensions.CustomResource` has none to offer. It is what `crd2pulumi` generates,
 * with the fields that are used here alone, and so the one subclass of a custom resource that this program has.
 */
export class Gateway extends pulumi.CustomResource {
  declare readonly status: pulumi.Output<GatewayStatus | undefined>;

  constructor(name: string, args: GatewayArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      gatewayType,
      name,
      { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", ...args, status: undefined },
      opts,
    );
  }
}

/** Where a cluster's east-west Gateway is reached. */
export interface EastWestAddress extends GatewayAddress {
  /** The nodes' port for the control planes of others; absent where a load balancer answers on the Gateway's own ports. */
  readonly port?: number;
}

/** The address of an east-west Gateway that the stack has made before this update. */
export interface KnownAddress {
  /** As the stack's state has it: when Pulumi last looked. */
  readonly recorded: string;
  /** As it is by now. */
  readonly current: string;
}

/**
 * The address that counts: of a Gateway that this update leaves alone the engine only has what Pulumi saw when it last changed
 * or refreshed it, while a load balancer may have another address since. What it reports for the first time is of this update.
 */
export function presentAddress({ addresses }: GatewayStatus, known?: KnownAddress): string | undefined {
  const reported = addresses?.[0]?.value;
  return known !== undefined && reported === known.recorded ? known.current : reported;
}

/** The port of an east-west Gateway that serves the control planes of others. */
export const discoveryPort = 15012;

/**
 * The listeners of both Gateways of a peering: the mesh's own traffic, and the control planes' discovery. That of a peer says
 * which port of its address the discovery is on.
 */
export function listeners(discovery = discoveryPort): readonly Listener[] {
  return [listener("cross-network", 15008, "HBONE"), listener("xds-tls", discovery, "TLS")];
}

function listener(name: string, port: number, protocol: string): Listener {
  return { name, port, protocol, tls: { mode: "Passthrough" }, allowedRoutes: { namespaces: { from: "Same" } } };
}
