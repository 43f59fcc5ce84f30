import { inject } from "vitest";
import type { StackSettings } from "../engine/support/settings";

/** Settings of a stack of kind clusters that a machine can have which reaches nothing but package registries. */
export function settings(clusters: readonly object[], changes: StackSettings = {}): StackSettings {
  const { istio, echo } = inject("kindImages");
  const { distribution = "community" } = changes;
  const { charts, hub } = istio[distribution === "solo" ? "solo" : "community"];
  return {
    clusters,
    distribution,
    charts,
    images: hub,
    loadBalancer: "none",
    preloadImages: [echo],
    ...changes,
  };
}

export function kind(name: string, changes: object = {}): object {
  return { name, provisioner: "kind", nodeImage: inject("kindImages").node, ...changes };
}
