import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { projectFolder } from "../rehearsal/program";
import { hasBackend } from "./preview";
import { exitStatus, pulumiShown, WorkflowError } from "./pulumi";

/** The part of 10.0.0.0/8 that only pull requests' environments use, in pools of /18; 10.255 has other stacks' services. */
const first = 128;
const pools = (255 - first) * 4;

const Template = z.looseObject({
  config: z.looseObject({
    "flatmesh:clusters": z.array(z.looseObject({ name: z.string(), provisioner: z.string() })),
  }),
});

/** Name of the stack that is a pull request's own environment. */
export function environmentStack(pullRequest: number): string {
  return `pr-${String(pullRequest)}`;
}

/**
 * The settings of a pull request's environment: those of another stack, with clusters that can share a machine with any others.
 * Their kind names get a random suffix, and their subnets come from a pool of the pull request's own; two pull requests have the
 * same pool if their numbers differ by a multiple of 508.
 *
 * @param text The other stack's file.
 * @throws WorkflowError if that stack's clusters can't be created a second time.
 */
export function environmentSettings(text: string, pullRequest: number): string {
  const { config, ...file } = Template.parse(parse(text));
  const { "flatmesh:clusters": clusters } = config;
  if (clusters.some(({ provisioner }) => provisioner === "existing")) {
    throw new WorkflowError("The template has existing clusters: use a stack that creates its own.");
  }
  if (/^\s*secure:/m.test(stringify(config))) {
    throw new WorkflowError("The template has encrypted values, which no other stack can read: use one without.");
  }
  if (file["environment"] !== undefined) {
    throw new WorkflowError(
      "The template takes settings from an environment of Pulumi ESC, whose secrets a pull request's code would get: use one without.",
    );
  }
  const pool = pullRequest % pools;
  return stringify({
    ...file,
    config: {
      ...config,
      "flatmesh:clusters": clusters.map((cluster) => ({ ...cluster, podSubnet: undefined, serviceSubnet: undefined })),
      "flatmesh:uniqueNames": true,
      "flatmesh:addressPool": `10.${String(first + Math.floor(pool / 4))}.${String((pool % 4) * 64)}.0/18`,
    },
  });
}

/** Creates or updates a pull request's environment. Returns the exit status of `pulumi up`. */
export async function environmentUp(pullRequest: number, template: string): Promise<number> {
  checkBackend();
  const stack = environmentStack(pullRequest);
  const text = await readFile(stackFile(template), "utf8");
  await writeFile(stackFile(stack), environmentSettings(text, pullRequest));
  const selected = await pulumiShown("stack", "select", "--create", "--stack", stack);
  return selected === 0 ? pulumiShown("up", "--yes", "--skip-preview", "--stack", stack) : selected;
}

/** Destroys a pull request's environment and removes its stack. Returns 0 also if there is none. */
export async function environmentDown(pullRequest: number): Promise<number> {
  checkBackend();
  const stack = environmentStack(pullRequest);
  const status = await pulumiShown("destroy", "--yes", "--skip-preview", "--remove", "--stack", stack);
  return status === exitStatus.noSuchStack ? 0 : status;
}

/** Without one, the CLI would use the backend that the runner's user is logged in to. */
function checkBackend(): void {
  if (!hasBackend()) {
    throw new WorkflowError(
      "The environments of pull requests need a backend of their own, and there is none: set " +
        "FLATMESH_ENVIRONMENT_ACCESS_TOKEN, or FLATMESH_ENVIRONMENT_BACKEND_URL and FLATMESH_ENVIRONMENT_PASSPHRASE, in GitHub's " +
        "environment pull-request-environments (see docs/pull-requests.md).",
    );
  }
}

function stackFile(stack: string): string {
  return join(projectFolder, `Pulumi.${stack}.yaml`);
}
