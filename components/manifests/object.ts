import * as pulumi from "@pulumi/pulumi";
import type { KubernetesObject } from "../../kubernetes";

/** An object of a stack's manifests, as one of its clusters gets it. */
export interface ManifestObject {
  readonly object: KubernetesObject;
  /** Types that the stack's state has it under: those of other versions of its API. */
  readonly formerTypes: readonly string[];
}

/** Pulumi's type of a kind. */
export function typeOf({ apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">): string {
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/**
 * What the resource of an object is called, whichever file it is in: `PeerAuthentication-istio-system/default` after the cluster's
 * name prefix. A slash is in no name of Kubernetes, and no other resource's name begins with a capital letter after the prefix.
 */
export function resourceNameOf(namePrefix: string, { kind, metadata }: KubernetesObject): string {
  const { namespace, name } = metadata;
  return `${namePrefix}-${kind}-${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/**
 * An object of any kind. The plugin plans it, waits for it and replaces it by its kind, as it does with the SDK's classes.
 */
export class AppliedObject extends pulumi.CustomResource {
  constructor(name: string, { object, formerTypes }: ManifestObject, opts: pulumi.CustomResourceOptions) {
    const secret = object.kind === "Secret" && object.apiVersion === "v1";
    super(typeOf(object), name, secret ? sealed(object) : object, {
      ...opts,
      ...(secret && { additionalSecretOutputs: secretFields }),
      aliases: formerTypes.map((type) => ({ type })),
    });
  }
}

const secretFields = ["data", "stringData"];

/** What a Secret holds is a secret in plans and in the state as well. */
function sealed(object: KubernetesObject): pulumi.Inputs {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, secretFields.includes(key) ? pulumi.secret(value) : value]),
  );
}
