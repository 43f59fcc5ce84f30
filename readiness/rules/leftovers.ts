import type { ChartObject } from "../chart-objects";
import type { Concern, Rule } from "../concern";
import { readOr } from "../reading";

const system = "istio-system";

/** Webhooks of other revisions and tags, which no release of the program makes. */
const otherWebhooks = /^(?:istio-sidecar-injector-|istio-revision-tag-|istiod-|istio-validator)/;

/** More objects than this are a whole mesh, which nobody hands over piece by piece. */
const fewObjects = 12;

/**
 * Objects under names that the charts need, made by nobody or by another release: Helm would not take them over ("invalid ownership
 * metadata"). Where an istiod runs they are its own, and go with it.
 */
export const leftovers: Rule = ({ chartObjects, controlPlanes, deadWebhooks }) => {
  if (readOr(controlPlanes, 0) > 0) {
    return [];
  }
  const objects = readOr(chartObjects, []);
  const webhooks = readOr(deadWebhooks, []).filter(
    ({ configuration }) => otherWebhooks.test(configuration) && !objects.some(({ name }) => name === configuration),
  );
  const others = [
    ...new Map(
      webhooks.map((one) => [one.configuration, { resource: one.resource, name: one.configuration }]),
    ).values(),
  ];
  if (objects.length === 0 && others.length === 0) {
    return [];
  }
  const all: readonly Deletable[] = [...objects, ...others];
  const many = objects.length > fewObjects;
  const adoption =
    objects.length === 0 || many
      ? ""
      : `; or hand them over to this stack's releases: ${adoptions(objects).join("; ")}`;
  const concern: Concern = {
    topic: "leftovers",
    severity: objects.length > 0 ? "refuse" : "warn",
    message:
      (objects.length > 0
        ? `it has objects of another Istio, which Helm would not take over: ${called(objects)}`
        : `it has webhooks of another Istio`) +
      (others.length > 0 ? `${objects.length > 0 ? "; and webhooks" : ""} that nobody answers: ${called(others)}` : ""),
    remedy: `If nothing uses them, ${many ? "uninstall it as it was installed (istioctl uninstall --purge), or " : ""}delete them: ${deletions(all).join("; ")}${adoption}`,
  };
  return [concern];
};

interface Deletable {
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

function called(objects: readonly Deletable[]): string {
  const names = objects
    .slice(0, fewObjects)
    .map(({ resource, namespace, name }) => `${resource} ${namespace === undefined ? "" : `${namespace}/`}${name}`);
  const more = objects.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
}

/** A command for each namespace, and one for what is in none. */
function byNamespace<One extends Deletable>(
  objects: readonly One[],
): (readonly [options: string, objects: readonly One[]])[] {
  const groups = new Map<string | undefined, One[]>();
  for (const one of objects) {
    groups.set(one.namespace, [...(groups.get(one.namespace) ?? []), one]);
  }
  return [...groups].map(([namespace, group]) => [namespace === undefined ? "" : `-n ${namespace} `, group]);
}

const named = (objects: readonly Deletable[]) => objects.map(({ resource, name }) => `${resource}/${name}`).join(" ");

function deletions(objects: readonly Deletable[]): string[] {
  return byNamespace(objects).map(([options, group]) => `kubectl delete ${options}${named(group)}`);
}

/** What Helm looks at before it takes over an object. */
function adoptions(objects: readonly ChartObject[]): string[] {
  const releases = [...new Set(objects.map(({ release }) => release))];
  return [
    ...byNamespace(objects).map(
      ([options, group]) => `kubectl label --overwrite ${options}${named(group)} app.kubernetes.io/managed-by=Helm`,
    ),
    ...releases.flatMap((release) =>
      byNamespace(objects.filter((one) => one.release === release)).map(
        ([options, group]) =>
          `kubectl annotate --overwrite ${options}${named(group)} meta.helm.sh/release-name=${release} ` +
          `meta.helm.sh/release-namespace=${system}`,
      ),
    ),
  ];
}
