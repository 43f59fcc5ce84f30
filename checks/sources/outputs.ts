import type { Access } from "../../kubernetes";
import type { Expected, Mesh } from "../inventory";
import { stackOutputsSchema } from "../../stacks";
import { SourceError } from "./source";
import { reachedBy } from "./from-contexts";

const Outputs = stackOutputsSchema.required({ clusters: true });

/**
 * The mesh that a stack's outputs describe.
 *
 * @param accessOf Gives access to a cluster, which outputs don't contain.
 * @throws SourceError where they describe none.
 */
export function meshOf(outputs: unknown, where: string, accessOf: (cluster: string) => Access): Mesh {
  const read = Outputs.safeParse(outputs);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new SourceError(
      `${where} has no outputs that describe a mesh (${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}). Deploy it with this version of ` +
        "the program: pulumi up.",
    );
  }
  const { clusters, eastWestAddresses = {}, roots, links = [], missingPeers = [], mesh } = read.data;
  const all = Object.entries(clusters);
  if (all.length === 0) {
    throw new SourceError(
      `${where} has no clusters: there is no mesh to check. A stack that keeps the root alone has none.`,
    );
  }
  const [[, first]] = all as [(typeof all)[number]];
  const expected: Expected = {
    network: first.network,
    trustDomain: first.trustDomain,
    links,
    eastWestAddresses,
    subnets: Object.fromEntries(
      all.map(([name, { podSubnet, serviceSubnet }]) => [name, { pods: podSubnet, services: serviceSubnet }]),
    ),
    ...(roots && { roots }),
    missingPeers,
    ...mesh,
  };
  return {
    clusters: all.map(([name]) => reachedBy(name, () => accessOf(name))),
    expected,
  };
}
