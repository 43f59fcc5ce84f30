import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../../settings";

/** What the values of Istio's charts are made of. */
export interface ValuesArgs {
  /** The mesh's name of the cluster. */
  readonly cluster: string;
  /** The platform that the charts have a profile for; absent for a plain cluster. */
  readonly platform?: string;
  readonly network: string;
  readonly trustDomain: string;
  /** Image hub. */
  readonly hub: string;
  /** Image tag, without variant. */
  readonly tag: string;
  /** Annotations of ztunnel's pods. */
  readonly ztunnelAnnotations?: Readonly<Record<string, string>>;
  /** Solo only: the value is a secret. */
  readonly license?: Settings["license"];
}

/** Helm values: plain JSON, with secrets where they are. */
export type Values = Record<string, pulumi.Input<unknown>>;

/** The values of the four charts of a distribution. */
export interface ChartValues {
  readonly base: Values;
  readonly istiod: Values;
  readonly cni: Values;
  readonly ztunnel: Values;
}
