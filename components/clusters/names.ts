import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/**
 * The name that the machine's tools (kind, kwokctl) know a cluster by. Usually the mesh's own name for it; with `unique`
 * a random suffix follows, so that several environments of one program live side by side on a machine.
 */
export function machineName(
  scope: string,
  name: string,
  unique: boolean,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  if (!unique) {
    return pulumi.output(name);
  }
  const suffix = new random.RandomId(`${scope}-suffix`, { byteLength: 3 }, { parent });
  return pulumi.interpolate`${name}-${suffix.hex}`;
}
