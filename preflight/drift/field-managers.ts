import { z } from "zod";
import type { Step } from "./compare";
import { isMap } from "./compare";

/** Who has written some fields of an object, as its `metadata.managedFields` has it. */
const Entry = z.object({
  manager: z.string().default(""),
  operation: z.string().default(""),
  subresource: z.string().default(""),
  fieldsV1: z.unknown().optional(),
});
type Entry = z.output<typeof Entry>;

/** Whose a field is that is no longer as it was declared. */
export type Ownership =
  /** Nobody's, or a person's, who has changed it by hand: an update puts it back. */
  | { readonly verdict: "repair" }
  /** The stack's own, and nobody else has written it since: either the API server has, or an update that was not recorded. */
  | { readonly verdict: "own" }
  /** A controller's whose work it is to change it. */
  | { readonly verdict: "controller" }
  /** Something's that declares it as well, and would write it again. */
  | { readonly verdict: "declared elsewhere"; readonly manager: string };

/** Programs that fill in what charts leave to them, or adjust it. */
const controllers =
  /^(kube-controller-manager|kube-scheduler|kubelet|kube-apiserver|cloud-controller-manager|pilot-discovery|istiod|.*cainjector|vpa-.*|vertical-pod-autoscaler.*|keda.*|cluster-autoscaler|clusterrole-aggregation-controller|gke-.*|eks|aks.*)$/i;

/** Programs that declare objects, and write them again though they do not use server-side apply. */
const deployers =
  /^(argocd.*|argo-cd.*|kustomize-controller|helm-controller|fleet.*|rancher-fleet.*|terraform.*|Terraform.*)$/;

/** By which the stack itself writes, beside the managers of its objects. */
const own = /^(pulumi-kubernetes|pulumi-resource-kubernetes|flatmesh)$/;

/** A person's, though `kubectl apply --server-side` declares. */
const people = /^(helm|kubectl|before-first-apply)$/;

/**
 * Whose a field is, by the rules of server-side apply: it belongs to whoever set it last, or declares it.
 *
 * @param fieldManagers The stack's own: each of its objects has one. That of another stack's is none of them.
 */
export function ownershipOf(live: unknown, path: readonly Step[], fieldManagers: ReadonlySet<string>): Ownership {
  const owners = entriesOf(live).filter(({ fieldsV1 }) => contains(fieldsV1, path));
  const others = owners.filter(({ manager }) => !fieldManagers.has(manager) && !own.test(manager));
  const programs = others.filter(({ manager }) => !people.test(manager));
  const declares = programs.find(({ manager, operation }) => operation === "Apply" || deployers.test(manager));
  if (declares !== undefined) {
    return { verdict: "declared elsewhere", manager: declares.manager };
  }
  if (programs.some(({ manager, subresource }) => controllers.test(manager) || subresource === "status")) {
    return { verdict: "controller" };
  }
  return { verdict: owners.length > 0 && others.length === 0 ? "own" : "repair" };
}

function entriesOf(live: unknown): readonly Entry[] {
  const Managed = z.object({ metadata: z.object({ managedFields: z.array(Entry).nullish() }) });
  return Managed.safeParse(live).data?.metadata.managedFields ?? [];
}

/** Whether a set of fields has a path, or a list or map above it that counts as one. */
function contains(fields: unknown, path: readonly Step[]): boolean {
  const [step, ...rest] = path;
  if (!isMap(fields)) {
    return false;
  }
  const inside = Object.keys(fields).filter((key) => key !== ".");
  if (step === undefined || inside.length === 0) {
    return true;
  }
  if (typeof step === "number") {
    // The API server writes positions for hardly any list: one that counts as a whole has nothing inside.
    return contains(fields[`i:${String(step)}`], rest);
  }
  if (typeof step === "string") {
    return contains(fields[`f:${step}`], rest);
  }
  return inside.some((key) => key.startsWith("k:") && names(key.slice(2), step) && contains(fields[key], rest));
}

/** Whether the key of an item, JSON of its merge keys, is that of an item with these values. */
function names(key: string, step: Readonly<Record<string, unknown>>): boolean {
  try {
    const parsed: unknown = JSON.parse(key);
    return isMap(parsed) && Object.entries(step).some(([name, value]) => parsed[name] === value);
  } catch {
    return false;
  }
}
