import { z } from "zod";
import { asServed, type KubernetesObject } from "../../kubernetes";
import type { StackState } from "../../stacks";

/** What a stack has declared in one of its clusters, as its last update recorded it. */
export interface DeclaredCluster {
  readonly objects: readonly DeclaredObject[];
  readonly releases: readonly DeclaredRelease[];
}

/** An object that is a resource of the stack. */
export interface DeclaredObject {
  /** The resource's key in the state. */
  readonly resource: string;
  /** With what the stack declares of it. */
  readonly object: KubernetesObject;
  /** By which the stack writes it. */
  readonly fieldManager: string;
  /** The reason of its last repair; absent if there was none. */
  readonly repaired?: string;
}

/** A Helm release of the stack. */
export interface DeclaredRelease {
  readonly resource: string;
  readonly name: string;
  readonly namespace: string;
  /** Helm's number of the revision that the stack has made last. */
  readonly revision: number;
  readonly repaired?: string;
}

const texts = z.record(z.string(), z.string());
const Inputs = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), annotations: texts.nullish() }),
});
const PlainObject = z.object({
  // A namespace that the inputs leave out, and a name that the plugin has chosen, are in what was made.
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
  __inputs: z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.looseObject({ annotations: texts.nullish() }).default({}),
  }),
  __fieldManager: z.string().default("pulumi-kubernetes"),
});
const Release = z.object({
  name: z.string(),
  namespace: z.string(),
  description: z.string().optional(),
  status: z.object({ revision: z.number().default(1) }),
});

/** @param annotation The one that has the reason of an object's last repair. */
export function declaredIn(
  state: StackState,
  namePrefixes: readonly string[],
  annotation: string,
): ReadonlyMap<string, DeclaredCluster> {
  const declared = new Map(
    namePrefixes.map((prefix) => [prefix, { objects: [] as DeclaredObject[], releases: [] as DeclaredRelease[] }]),
  );
  // A name that begins with two prefixes belongs to the longer one.
  const ordered = namePrefixes.toSorted((one, other) => other.length - one.length);
  for (const [resource, outputs] of state) {
    const [type = "", name = ""] = resource.split(" ");
    const prefix = ordered.find((each) => name.startsWith(`${each}-`));
    const cluster = prefix === undefined ? undefined : declared.get(prefix);
    if (cluster === undefined || !type.startsWith("kubernetes:")) {
      continue;
    }
    if (type === "kubernetes:helm.sh/v3:Release") {
      const release = Release.safeParse(outputs).data;
      if (release) {
        const { description, status, ...names } = release;
        cluster.releases.push({
          resource,
          ...names,
          revision: status.revision,
          ...(description && { repaired: description }),
        });
      }
      continue;
    }
    const found = PlainObject.safeParse(outputs).data;
    if (found) {
      const { __inputs: inputs, __fieldManager: fieldManager, metadata } = found;
      const named = { ...inputs, metadata: { ...inputs.metadata, ...metadata } };
      const object = asServed(Inputs.parse(named));
      const repaired = inputs.metadata.annotations?.[annotation];
      cluster.objects.push({
        resource,
        object,
        fieldManager,
        ...(repaired && { repaired }),
      });
    }
  }
  return declared;
}
