import type { Concern, Rule } from "../concern";
import type { Namespace } from "../facts";
import { readOr } from "../reading";

const mode = "istio.io/dataplane-mode";
const injection = "istio-injection";
const revision = "istio.io/rev";

/** The revision of the program's istiod. */
const ownRevision = "default";

/** How many names a message has. */
const examples = 5;

/** Labels and sidecars of another mesh, or of another kind of mesh, that this one's istiod and CNI would act upon. */
export const enrolment: Rule = (facts, plan) => {
  const namespaces = readOr(facts.namespaces, []);
  const planned = new Set(plan.namespaces.map(({ name }) => name));
  const isSystem = ({ name }: Namespace) =>
    /^kube-/.test(name) || plan.namespaces.some((one) => one.role === "system" && one.name === name);
  const withLabel = (
    key: string,
    wanted: (value: string) => boolean,
    of: (namespace: Namespace) => boolean = () => true,
  ) =>
    namespaces.filter((one) => {
      const value = one.labels[key];
      return value !== undefined && wanted(value) && of(one);
    });
  const enrolled = withLabel(
    mode,
    (value) => value === "ambient",
    (one) => !isSystem(one) && !planned.has(one.name),
  );
  const injected = withLabel(
    injection,
    (value) => value === "enabled",
    (one) => !isSystem(one),
  );
  const revised = withLabel(revision, (value) => value !== ownRevision);
  const both = namespaces.filter(
    ({ labels }) => labels[mode] === "ambient" && (labels[injection] === "enabled" || labels[revision] !== undefined),
  );
  const system = namespaces.filter(
    (one) => isSystem(one) && (one.labels[mode] === "ambient" || one.labels[injection] === "enabled"),
  );
  const sidecars = readOr(facts.pods, []).filter(({ hasSidecar, ended }) => hasSidecar && !ended);
  return [
    ...about(system, (names) => [
      `${names} is labelled for a mesh, and its pods are none of the mesh's: nodes may not start without them`,
      removal(system, mode, injection),
    ]),
    ...about(enrolled, (names) => [
      `${names} has the label ${mode}=ambient: all its pods join this mesh as soon as it is installed`,
      `If they are not meant to: ${removal(enrolled, mode)}`,
    ]),
    ...about(injected, (names) => [
      `${names} has the label ${injection}=enabled: pods that start there get a sidecar of this mesh`,
      `For ambient mode: ${removal(injected, injection)}`,
    ]),
    ...about(revised, (names) => [
      `${names} has the label ${revision} of a revision that this mesh does not have (${[...new Set(revised.map(({ labels }) => labels[revision]))].join(", ")}; its own is ${ownRevision})`,
      `Unless another control plane serves it: ${removal(revised, revision)}`,
    ]),
    ...about(
      withLabel(mode, (value) => value !== "ambient" && value !== "none"),
      (names) => [
        `${names} has a label ${mode} that is neither ambient nor none, and counts as not there`,
        `Correct it: kubectl label namespace NAME ${mode}=ambient --overwrite`,
      ],
    ),
    ...about(both, (names) => [
      `${names} has labels for ambient mode and for sidecars: a pod with a sidecar is left out of ambient mode`,
      `Keep one of them: ${removal(both, injection, revision)}`,
    ]),
    ...(sidecars.length === 0
      ? []
      : [
          concern(
            `pods have sidecars of a mesh that was there before: ${some(sidecars.map(({ path }) => path))}; they don't trust this mesh's root`,
            `Restart them once the labels are right: ${[...new Set(sidecars.map(({ namespace }) => namespace))]
              .slice(0, examples)
              .map((namespace) => `kubectl rollout restart deployment -n ${namespace}`)
              .join("; ")}`,
          ),
        ]),
  ];
};

function about(
  namespaces: readonly Namespace[],
  say: (names: string) => readonly [message: string, remedy: string],
): Concern[] {
  return namespaces.length === 0 ? [] : [concern(...say(`namespace ${some(namespaces.map(({ name }) => name))}`))];
}

function some(names: readonly string[]): string {
  const more = names.length - examples;
  return `${names.slice(0, examples).join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
}

function removal(namespaces: readonly Namespace[], ...labels: readonly string[]): string {
  return `kubectl label namespace ${namespaces.map(({ name }) => name).join(" ")} ${labels.map((label) => `${label}-`).join(" ")}`;
}

function concern(message: string, remedy: string): Concern {
  return { topic: "enrolment", severity: "warn", message, remedy };
}
