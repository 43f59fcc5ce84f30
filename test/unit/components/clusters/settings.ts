import type { ExistingClusterSettings, KindClusterSettings, KwokClusterSettings } from "../../../../settings";

/** A kind cluster's settings with every default filled in, with `changes`. */
export function kindSettings(changes: Partial<KindClusterSettings> = {}): KindClusterSettings {
  return { provisioner: "kind", ...common, ...changes };
}

/** A kwok cluster's settings with every default filled in, with `changes`. */
export function kwokSettings(changes: Partial<KwokClusterSettings> = {}): KwokClusterSettings {
  return { provisioner: "kwok", ...common, ...changes };
}

export function existingSettings(changes: Partial<ExistingClusterSettings> = {}): ExistingClusterSettings {
  return { provisioner: "existing", name: "found", ...changes };
}

const common = {
  name: "a",
  podSubnet: "10.10.0.0/16",
  serviceSubnet: "10.255.10.0/24",
  controlPlanes: 1,
  workers: 0,
};
