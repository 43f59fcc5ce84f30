import { isIP } from "node:net";
import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Infrastructure } from "./gateway-infrastructure";

/** Namespace of both Gateways of a peering, and name of the one that peers reach. */
export const eastWest = "istio-eastwest";

/** Name of what holds the parameters of its Service. */
export const parametersName = "istio-eastwest-service";

/** Name of the Gateway that stands for a peer. */
export function peerGatewayName(peer: string): string {
  return `istio-remote-peer-${peer}`;
}

/** Pulumi's type of a Gateway. */
export const gatewayType = "kubernetes:gateway.networking.k8s.io/v1:Gateway";

/** The part of gateway.networking.k8s.io/v1 that the two Gateways of a peering use. */
export interface GatewayArgs {
  readonly metadata: pulumi.Input<k8s.types.input.meta.v1.ObjectMeta>;
  readonly spec: pulumi.Input<GatewaySpec>;
}

export interface GatewaySpec {
  readonly gatewayClassName: string;
  readonly addresses?: pulumi.Input<pulumi.Input<GatewayAddress>[]>;
  readonly listeners: readonly Listener[];
  readonly infrastructure?: Infrastructure;
}

/** Where a Gateway is reached: `value` is an IP address or a DNS name, as `type` says. */
export interface GatewayAddress {
  readonly type: "IPAddress" | "Hostname";
  readonly value: string;
}

/** An address with the type that the Gateway API requires: load balancers give IP addresses or DNS names. */
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
 * A Gateway whose status the program can read, which `apiextensions.CustomResource` does not offer. It is what `crd2pulumi`
 * generates, with only the fields that are used here; the program's only subclass of a custom resource.
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
  /** The nodes' port for the control planes of others; absent if a load balancer answers on the Gateway's own ports. */
  readonly port?: number;
}

/** The address of an east-west Gateway that existed before this update. */
export interface KnownAddress {
  /** The address in the stack's state, from when Pulumi last read it. */
  readonly recorded: string;
  /** The current address. */
  readonly current: string;
}

/**
 * The address of several that peers use. A Gateway's controller lists them in no particular order: the last one stays as long as it
 * is among them; else it is an IPv4 address, as everything on the flat network is, then a DNS name, then whatever there is.
 */
export function preferredAddress(addresses: GatewayStatus["addresses"] = [], last?: string): string | undefined {
  const values = addresses.map(({ value }) => value);
  const [ipv4] = values.filter((value) => isIP(value) === 4);
  const [dnsName] = values.filter((value) => isIP(value) === 0);
  return last !== undefined && values.includes(last) ? last : (ipv4 ?? dnsName ?? values[0]);
}

/**
 * The address that counts. For a Gateway that this update does not change, the engine only has the address from the last change or
 * refresh, and the load balancer may have another one since. An address that differs from the recorded one is from this update.
 */
export function presentAddress({ addresses }: GatewayStatus, known?: KnownAddress): string | undefined {
  const reported = preferredAddress(addresses, known?.current);
  return known !== undefined && reported === known.recorded ? known.current : reported;
}

/** The port of an east-west Gateway that serves the control planes of others. */
export const discoveryPort = 15012;

/**
 * The listeners of both Gateways of a peering: the mesh's own traffic, and the control planes' discovery. The peer's
 * says on which port of its address the discovery is.
 */
export function listeners(discovery = discoveryPort): readonly Listener[] {
  return [listener("cross-network", 15008, "HBONE"), listener("xds-tls", discovery, "TLS")];
}

function listener(name: string, port: number, protocol: string): Listener {
  return { name, port, protocol, tls: { mode: "Passthrough" }, allowedRoutes: { namespaces: { from: "Same" } } };
}
