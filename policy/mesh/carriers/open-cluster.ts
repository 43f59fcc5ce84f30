import { at, isMap, kindOf, list, missing, type Resource, text, type Value } from "../../state";
import { type Carried, type Content, nothing, objectIn, type Target, templatesUnknown, together } from "./content";

/**
 * Open Cluster Management, which Red Hat's ACM is: the works and the policies of its hub, with the objects that its clusters
 * are to have.
 */
export function ofOpenCluster(carrier: Resource, among: readonly Resource[]): Carried {
  const { group, kind } = kindOf(carrier) ?? {};
  const { inputs } = carrier;
  const spec = at(inputs, "spec");
  switch (`${group ?? ""} ${kind ?? ""}`) {
    case "work.open-cluster-management.io ManifestWork": {
      // On the hub, each cluster has a namespace of its name.
      const name = text(inputs, "metadata", "namespace") ?? "";
      return ofManifests(at(spec, "workload"), "spec.workload", {
        cluster: { id: `managed cluster ${name}`, name },
        outlives: text(spec, "deleteOption", "propagationPolicy") === "Orphan",
      });
    }
    case "work.open-cluster-management.io ManifestWorkReplicaSet":
      return ofManifests(at(spec, "manifestWorkTemplate", "workload"), "spec.manifestWorkTemplate.workload", {
        cluster: placed(
          carrier,
          list(spec, "placementRefs").map((one) => text(one, "name") ?? ""),
        ),
      });
    case "policy.open-cluster-management.io Policy":
      return text(spec, "disabled") === "true"
        ? nothing
        : together(
            list(spec, "policy-templates").map((template, index) =>
              ofConfiguration(
                at(template, "objectDefinition"),
                `spec.policy-templates[${String(index)}].objectDefinition.`,
                {
                  cluster: placed(carrier, placementsOf(carrier, among)),
                },
              ),
            ),
          );
    case "policy.open-cluster-management.io ConfigurationPolicy":
      return ofConfiguration(inputs, "", {});
    default:
      return nothing;
  }
}

function ofManifests(workload: Value | undefined, path: string, more: Pick<Content, "cluster" | "outlives">): Carried {
  const contents = list(workload, "manifests").flatMap((manifest, index) =>
    objectIn(manifest, `${path}.manifests[${String(index)}]`, more),
  );
  return { contents, unread: [] };
}

/** A ConfigurationPolicy: objects that have to be there, or that must not. */
function ofConfiguration(policy: Value | undefined, path: string, more: Pick<Content, "cluster">): Carried {
  if (text(policy, "kind") !== "ConfigurationPolicy") {
    return nothing;
  }
  const spec = at(policy, "spec");
  const raw = missing(at(spec, "object-templates-raw"))
    ? []
    : [`has objects as one text (${path}spec.object-templates-raw)`];
  const contents = list(spec, "object-templates").flatMap((template, index) =>
    /^mustnothave$/i.test(text(template, "complianceType") ?? "")
      ? []
      : objectIn(
          templatesUnknown(at(template, "objectDefinition") ?? null),
          `${path}spec.object-templates[${String(index)}].objectDefinition`,
          {
            ...more,
            // Unless they are to be pruned, objects stay where their policy is deleted.
            outlives: !/^delete/i.test(text(spec, "pruneObjectBehavior") ?? ""),
          },
        ),
  );
  return { contents, unread: raw };
}

/** Policies of the same placements are in the same clusters; one that is placed by nothing here is by itself. */
function placed(carrier: Resource, placements: readonly string[]): Target {
  const own = text(carrier.inputs, "metadata", "name") ?? carrier.name;
  const namespace = text(carrier.inputs, "metadata", "namespace") ?? "";
  const names = [...new Set(placements)].sort().join(", ");
  return names === ""
    ? { id: `policy ${namespace}/${own}`, name: `of ${own}` }
    : { id: `placement ${namespace}/${names}`, name: `of placement ${names}` };
}

function placementsOf(carrier: Resource, among: readonly Resource[]): string[] {
  const name = text(carrier.inputs, "metadata", "name");
  return among.flatMap((one) => {
    const { kind } = kindOf(one) ?? {};
    const binds =
      kind === "PlacementBinding" &&
      one.provider?.urn === carrier.provider?.urn &&
      text(one.inputs, "metadata", "namespace") === text(carrier.inputs, "metadata", "namespace") &&
      list(one.inputs, "subjects").some(
        (subject) => isMap(subject) && text(subject, "kind") === "Policy" && text(subject, "name") === name,
      );
    return binds ? [text(one.inputs, "placementRef", "name") ?? ""] : [];
  });
}
