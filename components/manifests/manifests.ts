import * as pulumi from "@pulumi/pulumi";
import type { TargetClusterArgs } from "../clusters";
import { namespaceCleanup, namespaceCleanupResource } from "../mesh";
import { AppliedObject, type ManifestObject, resourceNameOf } from "./object";
import { inOrder, needs } from "./order";

export interface ManifestsArgs extends TargetClusterArgs {
  /** Not recorded: they are resources of their own, and may hold secrets. */
  readonly objects: readonly ManifestObject[];
  /** What anything in a namespace of the stack's own depends on, by its name. Not recorded: a resource is not data. */
  readonly namespaces: ReadonlyMap<string, readonly pulumi.Resource[]>;
}

/**
 * The objects of a stack's manifests in one cluster. Namespaces and definitions come first; everything else follows side by side, but
 * for what others need, and is deleted before them.
 */
export class Manifests extends pulumi.ComponentResource {
  constructor(name: string, args: ManifestsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { objects, namespaces, access, ...recorded } = args;
    super("flatmesh:manifests:Manifests", name, recorded, opts);
    // Recorded on the children, so that a destroy deletes them before the mesh, whose definitions and webhooks they need.
    const after = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    const made = new Map(namespaces);
    const defined = new Map<string, pulumi.Resource>();
    for (const one of objects.filter(({ object }) => object.kind === "Namespace")) {
      made.set(one.object.metadata.name, this.namespace(args, one, after));
    }
    for (const one of objects.filter(({ object }) => object.kind === "CustomResourceDefinition")) {
      const opts = {
        parent: this,
        dependsOn: after,
        // Objects of others would go with it.
        retainOnDelete: args.existingCluster,
      };
      defined.set(kindDefinedBy(one.object), new AppliedObject(nameIn(args, one), awaited(one), opts));
    }
    const applied: (readonly [ManifestObject, pulumi.Resource])[] = [];
    for (const one of inOrder(objects.filter(({ object }) => !foundations.has(object.kind)))) {
      const { apiVersion, kind, metadata } = one.object;
      const definition = defined.get(`${groupOf(apiVersion)} ${kind}`);
      const needed = applied.filter(([other]) => needs(one, other)).map(([, resource]) => resource);
      const place = made.get(metadata.namespace ?? "") ?? [];
      const dependsOn = [...after, ...place, ...(definition ? [definition] : []), ...needed];
      applied.push([one, new AppliedObject(nameIn(args, one), awaited(one), { parent: this, dependsOn })]);
    }
    this.registerOutputs();
  }

  /** In an existing cluster, others may have put things into it by the time it is to go. */
  private namespace(args: ManifestsArgs, one: ManifestObject, after: pulumi.Resource[]): pulumi.Resource[] {
    const resource = nameIn(args, one);
    if (!args.existingCluster) {
      return [new AppliedObject(resource, one, { parent: this, dependsOn: after })];
    }
    const cleanup = namespaceCleanup(
      `${resource}${namespaceCleanupResource.suffix}`,
      { cluster: args, name: one.object.metadata.name, labels: {} },
      { parent: this, dependsOn: after },
    );
    const opts = { parent: this, dependsOn: [...after, cleanup], retainOnDelete: true };
    return [new AppliedObject(resource, one, opts)];
  }
}

/** Kinds that others stand on. */
const foundations: ReadonlySet<string> = new Set(["Namespace", "CustomResourceDefinition"]);

function nameIn({ namePrefix }: ManifestsArgs, { object }: ManifestObject): string {
  return resourceNameOf(namePrefix, object);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.replace(/\/.*$/, "") : "";
}

/** The group and kind that a definition is of. */
function kindDefinedBy({ spec }: ManifestObject["object"]): string {
  const { group, names } = spec as { readonly group?: string; readonly names?: { readonly kind?: string } };
  return `${group ?? ""} ${names?.kind ?? ""}`;
}

/** What the plugin waits for by itself only for kinds of Kubernetes, unless the manifest says otherwise. */
function conditionOf({ apiVersion, kind }: ManifestObject["object"]): string | undefined {
  if (kind === "CustomResourceDefinition") {
    return "condition=Established";
  }
  return kind === "Gateway" && groupOf(apiVersion) === "gateway.networking.k8s.io" ? "condition=Programmed" : undefined;
}

function awaited(one: ManifestObject): ManifestObject {
  const condition = conditionOf(one.object);
  const { metadata } = one.object;
  const annotations = (metadata["annotations"] ?? {}) as Readonly<Record<string, string>>;
  return condition === undefined || "pulumi.com/waitFor" in annotations || "pulumi.com/skipAwait" in annotations
    ? one
    : {
        ...one,
        object: {
          ...one.object,
          metadata: { ...metadata, annotations: { ...annotations, "pulumi.com/waitFor": condition } },
        },
      };
}
