import * as pulumi from "@pulumi/pulumi";
import { type PlannedRelease, plannedReleases } from "../../components/planned-releases";
import { PreconditionError } from "../../diagnostics";
import { type KubernetesObject, titleOf } from "../../kubernetes";
import { type ChartRegistry, provideChart } from "../../registry";
import type { Settings } from "../../settings";
import type { Problem } from "../problems";
import { readChart } from "./chart";
import { type Finding, judgeRelease, type LookedAt, together } from "./judge";
import {
  type FieldProblem,
  fieldProblems,
  type KubernetesModels,
  repeatedVariables,
  requestsAboveLimits,
} from "./object-fields";
import { Renderer, RenderError } from "./render";

/**
 * Looks at the values that the settings give the charts before anything is made with them: whether the charts know them, whether
 * they can be rendered with them, and whether Kubernetes takes what comes out. Settings without any cost nothing.
 *
 * @throws PreconditionError if a folder of charts lacks one of them.
 */
export async function chartValueProblems(settings: Settings, registry: ChartRegistry | undefined): Promise<Problem[]> {
  const releases = plannedReleases(settings).filter(({ own }) => own.length > 0);
  if (releases.length === 0) {
    return [];
  }
  const [renderer, models] = [new Renderer(), await import("@kubernetes/client-node")];
  const found = await Promise.all(
    releases.map(async (release) => ({
      cluster: release.cluster,
      findings: await findingsOf(release, () => lookedAt(release, renderer, models, registry)),
    })),
  );
  return together(found);
}

async function findingsOf({ chart }: PlannedRelease, look: () => Promise<LookedAt>): Promise<Finding[]> {
  try {
    return judgeRelease(await look());
  } catch (error) {
    if (!(error instanceof PreconditionError)) {
      throw error;
    }
    // Helm may get what this program can't; if not, the plan says so.
    const text = `The values of chart ${chart} are not checked, since it can't be had: ${error.statement}`;
    return [{ severity: "warning", text, inCluster: false }];
  }
}

async function lookedAt(
  release: PlannedRelease,
  renderer: Renderer,
  models: KubernetesModels,
  registry: ChartRegistry | undefined,
): Promise<LookedAt> {
  const file = await provideChart(release.reference, registry);
  const [stack, chart] = [pulumi.getStack(), await readChart(file)];
  try {
    const objects = problemsOf(models, await renderer.render(file, release, release.values));
    // A chart that has such fields anyway is not the settings' fault.
    const without =
      objects.length === 0 ? [] : problemsOf(models, await renderer.render(file, release, release.program));
    const known = new Set(without.map(textOf));
    return { stack, release, chart, objects: objects.filter((one) => !known.has(textOf(one))) };
  } catch (error) {
    if (!(error instanceof RenderError)) {
      throw error;
    }
    return { stack, release, chart, unrenderable: error.message, objects: [] };
  }
}

interface ObjectProblem {
  readonly object: string;
  readonly problem: FieldProblem;
}

function problemsOf(models: KubernetesModels, objects: readonly KubernetesObject[]): ObjectProblem[] {
  return objects.flatMap((object) =>
    [...fieldProblems(models, object), ...repeatedVariables(object), ...requestsAboveLimits(object)].map((problem) => ({
      object: titleOf(object),
      problem,
    })),
  );
}

function textOf({ object, problem }: ObjectProblem): string {
  return `${object} ${problem.text}`;
}
