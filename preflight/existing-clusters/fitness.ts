import { type Facts, type InstallPlan, judgeFacts, type Topic, unaskedAdmission, unreadFacts } from "../../readiness";
import { type Problem, warning } from "../problems";
import { type Run, withoutDatum } from "../unavailable";

/** What still matters of a cluster once the mesh is in it: the rest was settled, one way or another, when it came up. */
const lasting: readonly Topic[] = ["pod-security", "admission", "cilium"];

export interface FitnessArgs {
  /** Name of the cluster. */
  readonly name: string;
  readonly facts: Facts;
  readonly plan: InstallPlan;
  /** Whether the stack's mesh is in it. */
  readonly installed: boolean;
  readonly run: Run;
}

/** What keeps a mesh from coming up in a cluster, without its name, and what else to report. */
export interface Fitness {
  readonly refusals: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Judges whether a cluster is fit for the mesh. An update stops where the mesh would not come up; a preview changes nothing, so it
 * only warns, as an update does of a mesh that is there already.
 */
export function judgeFitness({ name, facts, plan, installed, run }: FitnessArgs): Fitness {
  const concerns = judgeFacts(facts, plan).filter(({ topic }) => !installed || lasting.includes(topic));
  const refused = concerns.filter(({ severity }) => severity === "refuse" && !installed);
  const text = ({ message, remedy }: (typeof concerns)[number]) => `${message}. ${remedy}`;
  return {
    refusals: run === "update" ? refused.map(text) : [],
    problems: [
      ...concerns
        .filter((one) => run === "preview" || !refused.includes(one))
        .map((one) =>
          warning(`Cluster ${name}: ${refused.includes(one) ? "pulumi up refuses this: " : ""}${text(one)}`),
        ),
      ...(installed ? [] : unlooked(name, facts, run)),
    ],
  };
}

function unlooked(name: string, facts: Facts, run: Run): readonly Problem[] {
  const unread = unreadFacts(facts);
  const [first] = unread;
  const unasked = unaskedAdmission(facts);
  return [
    ...(first === undefined
      ? []
      : withoutDatum(
          "clusterFitness",
          run,
          `Cluster ${name}: whether it is fit for the mesh is not fully known, since these could not be read: ` +
            `${unread.map(({ what }) => what).join(", ")} (${first.reason}). ${rights}`,
          section,
        )),
    ...(unasked === undefined
      ? []
      : withoutDatum(
          "admission",
          run,
          `Cluster ${name}: whether its policies admit the mesh's pods is not known: ${unasked}. ${rights}`,
          section,
        )),
  ];
}

const section = "docs/existing-clusters.md#a-preview-with-fewer-rights";
const rights = "What a user needs is in rbac/preview.yaml and rbac/update.yaml.";
