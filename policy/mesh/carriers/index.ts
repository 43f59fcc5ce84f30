import { kindOf, type Provider, type Resource, text } from "../../state";
import { subject } from "../objects";
import { ofArgo } from "./argo";
import { type Content, type Reader, type Target, together } from "./content";
import { ofFlux } from "./flux";
import { ofOpenCluster } from "./open-cluster";
import { ofClusterApi, ofCrossplane, ofList, ofSveltos, ofTerraform } from "./others";
import { ofRancher } from "./rancher";

export { speaksOfMesh } from "./content";

/** All that is known to have something else make objects, or install charts. */
const readers: readonly Reader[] = [
  ofFlux,
  ofArgo,
  ofOpenCluster,
  ofRancher,
  ofCrossplane,
  ofClusterApi,
  ofSveltos,
  ofTerraform,
  ofList,
];

/** A resource that another one carries, and that has no URN of its own. */
export interface Carrying {
  /** As rules see it: its URN is not one of the engine's. */
  readonly resource: Resource;
  /** The resource of the program that it stands in. */
  readonly carrier: Resource;
  /** Where: `spec.values of HelmRelease istio-system/istiod`. */
  readonly where: string;
}

/** Deeper than a policy with a work with a release in it. */
const deepest = 6;

/**
 * What resources carry, at any depth, as resources of their own: objects as the program would declare them, uses of charts as
 * Helm releases, each with the provider of its cluster. So every rule sees them as it sees what the program declares itself.
 */
export function carriedIn(resources: readonly Resource[]): Carrying[] {
  const each = (among: readonly Resource[]): Carrying[] =>
    resources.flatMap((carrier) => within(carrier, "", carrier, among, deepest));
  const first = each(resources);
  // Something carried refers to what is carried beside it.
  return first.length === 0 ? [] : each([...resources, ...first.map(({ resource }) => resource)]);
}

function within(
  one: Resource,
  above: string,
  carrier: Resource,
  among: readonly Resource[],
  depth: number,
): Carrying[] {
  const { contents } = together(readers.map((read) => read(one, among)));
  return depth === 0
    ? []
    : contents.flatMap((content) => {
        const path = above === "" ? content.path : `${above}.${content.path}`;
        const resource = resourceOf(content, path, one, carrier, among);
        const where = `${path} of ${kindText(carrier)} ${subject(carrier)}`;
        return [{ resource, carrier, where }, ...within(resource, path, carrier, among, depth - 1)];
      });
}

/** What of a mesh a resource has that can't be read; what it carries says that itself. */
export function unreadIn(resource: Resource, among: readonly Resource[]): readonly string[] {
  return together(readers.map((read) => read(resource, among))).unread;
}

function resourceOf(
  content: Content,
  path: string,
  one: Resource,
  carrier: Resource,
  among: readonly Resource[],
): Resource {
  const { type, inputs, cluster, outlives } = content;
  const { aliases, deletedWith, retainOnDelete, inputDependencies } = carrier;
  const urn = (of: string): string => `${of}#${path}`;
  const provider = cluster === undefined ? one.provider : providerOf(cluster, one, among);
  const dependencies = [...new Set(Object.values(inputDependencies).flat())];
  return {
    urn: urn(carrier.urn),
    type,
    name: carrier.name,
    inputs,
    ...(provider && { provider }),
    aliases: aliases.map(urn),
    dependencies: carrier.dependencies,
    // Of a Secret it matters what its files are made of.
    inputDependencies: { data: dependencies, stringData: dependencies },
    ...(deletedWith !== undefined && { deletedWith }),
    ...((outlives === true || retainOnDelete === true) && { retainOnDelete: true }),
  };
}

/** A cluster that the stack reaches itself is that of its provider, where it has the same name there. */
function providerOf({ id, name }: Target, { provider }: Resource, among: readonly Resource[]): Provider {
  const known = among.flatMap((one) => one.provider ?? []);
  return (
    known.find((one) => one.name === name || text(one.inputs, "context") === name) ?? {
      urn: `${provider?.urn ?? ""}#${id}`,
      name,
      inputs: {},
    }
  );
}

/** `HelmRelease`, or what a resource of another provider is called. */
export function kindText(resource: Resource): string {
  return kindOf(resource)?.kind ?? resource.type.slice(resource.type.lastIndexOf(":") + 1);
}
