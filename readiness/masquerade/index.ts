/**
 * Whether pods of a cluster are seen by their own addresses in the others, by what is set in it: one reading and one judgement for
 * preflight and the checks.
 */
import { agent } from "./agent";
import { calico } from "./calico";
import { cilium } from "./cilium";
import { antrea, awsVpcCni, flannel, kindnet, kubeRouter } from "./daemons";
import type { Component, Kubectl, Masquerader, OtherPods } from "./masquerader";
import type { Masquerading } from "./reading";
import { readSubnet } from "./subnets";

export type { Kubectl, OtherPods } from "./masquerader";
export { type Masquerading, type MasqueradingReader, readMasquerading } from "./reading";
export { subnetsInUse } from "./subnets";

const components: readonly Component[] = [agent, cilium, calico, awsVpcCni, kindnet, flannel, kubeRouter, antrea];

/** Something that masquerades what pods send to other clusters' pods. */
export interface Masquerade {
  /** The end of a sentence that begins with the cluster's name, without a full stop. */
  readonly message: string;
  readonly remedy: string;
}

/** What is known to masquerade, and what of it hides pods from other clusters. */
export interface JudgedMasquerading {
  /** Everything that was found, such as `Calico`. */
  readonly found: readonly string[];
  /** One for each that is in the way. */
  readonly hides: readonly Masquerade[];
}

/**
 * Judges what was read. Services of other clusters don't count: ztunnel sends to pods alone, networks seldom route more, and kube-proxy
 * there translates what comes to a Service from outside in any case.
 *
 * @param pods The subnet of the cluster's own pods, where that is known.
 * @param others Pods of the other clusters.
 */
export function judgeMasquerading(
  masquerading: Masquerading,
  { pods, others }: { readonly pods?: string | undefined; readonly others: readonly OtherPods[] },
  kubectl: Kubectl,
): JudgedMasquerading {
  const all = components.flatMap((component) => component(masquerading, pods));
  return {
    found: all.map(({ what }) => what),
    hides: all.flatMap((one) => {
      const missing = others.flatMap((other) => {
        const subnets = other.subnets.filter((text) => hides(one, text));
        return subnets.length > 0 ? [{ ...other, subnets }] : [];
      });
      return missing.length > 0 ? [told(one, missing, kubectl)] : [];
    }),
  };
}

function hides({ spares }: Masquerader, text: string): boolean {
  const subnet = readSubnet(text);
  return subnet !== undefined && !spares(subnet);
}

/** How many subnets of a cluster a message names. */
const most = 3;

function told({ what, why, only, remedy }: Masquerader, missing: readonly OtherPods[], kubectl: Kubectl): Masquerade {
  const places = missing.map(({ cluster, subnets }) => {
    const more = subnets.length > most ? ` and ${String(subnets.length - most)} more` : "";
    return `${subnets.slice(0, most).join(", ")}${more} (pods of ${cluster})`;
  });
  return {
    message:
      `${what} masquerades what its pods send to ${places.join(", ")}${only === undefined ? "" : ` ${only}`}: they are seen there by an ` +
      `address of their node. ${why}`,
    remedy: remedy(missing, kubectl),
  };
}
