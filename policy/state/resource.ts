import type { Properties } from "./value";

/** A resource of a stack as rules see it, wherever it was read from. */
export interface Resource {
  readonly urn: string;
  /** Such as `kubernetes:core/v1:Namespace`. */
  readonly type: string;
  /** Its name in the program. */
  readonly name: string;
  /** What the program asks for. */
  readonly inputs: Properties;
  /** What there is of it; absent while only this one resource is evaluated. */
  readonly outputs?: Properties;
  /** Paths of secrets in the inputs; absent where it could not be seen which values are secret. */
  readonly secrets?: readonly string[];
  /** Of a custom resource. */
  readonly provider?: Provider;
  /** URNs that it had before. */
  readonly aliases: readonly string[];
  /** URNs of the resources that it depends on, in all and by input; empty while only this one resource is evaluated. */
  readonly dependencies: readonly string[];
  readonly inputDependencies: Readonly<Record<string, readonly string[]>>;
  /** Of the stack itself, where it could be read: what of its configuration is not encrypted, by full keys. */
  readonly configuration?: Properties;
  /** Of a state alone: the URN of the resource that takes this one along, and whether it outlives its deletion. */
  readonly deletedWith?: string;
  readonly retainOnDelete?: boolean;
}

/** The provider that a resource is made by: in Kubernetes, the cluster that it is in. */
export interface Provider {
  readonly urn: string;
  readonly name: string;
  readonly inputs: Properties;
}

/** All of a stack. */
export interface Stack {
  readonly resources: readonly Resource[];
  /** The resources that the state had before; absent where it could not be read, with the reason. */
  readonly before?: readonly Resource[];
  readonly beforeUnread?: string;
}

/** The type of what stands for the stack as a whole. */
export const stackType = "pulumi:pulumi:Stack";

/** Of `urn:pulumi:<stack>::<project>::<types>::<name>`. */
export function stackOf(urn: string): string {
  return urn.split("::")[0]?.replace(/^urn:pulumi:/, "") ?? "";
}

/** What an object of Kubernetes says that it is; else what its resource's type says. */
export function kindOf({ type, inputs }: Resource): { readonly group: string; readonly kind: string } | undefined {
  const [module, kind] = /^kubernetes:([^:]+):(\w+)$/.exec(type)?.slice(1) ?? [];
  if (module === undefined || kind === undefined || notObjects.test(type)) {
    return undefined;
  }
  const { apiVersion, kind: own } = inputs;
  const version = typeof apiVersion === "string" ? apiVersion : module.replace(/^core\//, "");
  return {
    group: version.includes("/") ? version.slice(0, version.lastIndexOf("/")) : "",
    // A patch of an object is evaluated as that object.
    kind: (typeof own === "string" ? own : kind).replace(/Patch$/, ""),
  };
}

/** Charts and files, which hold objects but are none. */
const notObjects = /^kubernetes:(helm\.sh|yaml|kustomize)\//;
