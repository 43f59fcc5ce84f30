import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { PreconditionError } from "../settings/index";
import { keyOfUrn, type StackState } from "./state";

export { type KeptCluster, keptClusters } from "./clusters";
export { exportedState, isSecret, resourceKey, type StackState } from "./state";

/** Outputs of a stack by name. Secret ones are among them, in the clear: whoever uses one marks what comes of it as secret. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/** Where the documents say what reading a state takes. */
const unreadable = "docs/troubleshooting.md#a-state-or-its-outputs-cannot-be-read";

/**
 * The outputs of a stack, read before any resource is made: what depends on them can be refused in time. They are asked for
 * as a function, since a StackReference to a stack that does not exist would fail the whole deployment.
 *
 * @param setting Key of the setting that names the stack, for messages.
 * @returns undefined when there is no such stack.
 * @throws PreconditionError when the backend can't tell.
 */
export async function outputsOf(name: string, setting: string): Promise<StackOutputs | undefined> {
  try {
    const result = (await ask("pulumi:pulumi:readStackOutputs", { name })) as { readonly outputs?: StackOutputs };
    return result.outputs ?? {};
  } catch (error) {
    const message = messageOf(error);
    if (/unknown stack|no stack named|stack .*not found/i.test(message)) {
      return undefined;
    }
    throw new PreconditionError(`${setting}: the outputs of stack ${name} can't be read: ${message}`, unreadable);
  }
}

/** The outputs that this very stack had after its last update; empty before the first one. */
export async function ownOutputs(): Promise<StackOutputs> {
  return (await outputsOf(ownName(), "this stack")) ?? {};
}

/** Full name of this stack, as other stacks' settings have it. */
export function ownName(): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
}

/**
 * The resources that this very stack's state holds before this update, as `<type> <name>`. The state, unlike the outputs, is
 * as the last update left it, failed or not.
 *
 * @throws PreconditionError when the backend can't tell.
 */
export async function ownResources(): Promise<ReadonlySet<string>> {
  return new Set((await ownState()).keys());
}

/**
 * The same with what each resource's provider has said of it. Secrets are among that, in the clear.
 *
 * @throws PreconditionError when the backend can't tell.
 */
export async function ownState(): Promise<StackState> {
  // Asked for as the outputs are; the SDK has no function of its own for it.
  const { outputs = {} } = (await ask("pulumi:pulumi:readStackResourceOutputs", { stackName: ownName() }).catch(
    (error: unknown) => {
      throw new PreconditionError(`The state of this stack can't be read: ${messageOf(error)}`, unreadable);
    },
  )) as { readonly outputs?: Readonly<Record<string, { readonly type: string; readonly outputs?: unknown }>> };
  return new Map(Object.entries(outputs).map(([urn, { type, outputs: said }]) => [keyOfUrn(type, urn), said]));
}

/** How often, and after how many milliseconds, a checkpoint is read again. */
const [attempts, pause] = [20, 200];

/** The engine's answers, by question, for each run of the program. */
const answers = new WeakMap<pulumi.Resource, Map<string, Promise<unknown>>>();

/**
 * Asks the engine for the state of a stack, each question once in a run: for an answer it fetches and decrypts all of the state,
 * which takes it seconds; and what holds before an update does not change.
 */
function ask(token: string, inputs: Readonly<Record<string, string>>): Promise<unknown> {
  const run = pulumi.runtime.getStackResource();
  if (run === undefined) {
    return askAnew(token, inputs);
  }
  const known = answers.get(run) ?? new Map<string, Promise<unknown>>();
  answers.set(run, known);
  const question = JSON.stringify([token, inputs]);
  const answer = known.get(question) ?? askAnew(token, inputs);
  known.set(question, answer);
  return answer;
}

/** A backend that is a folder has half of a state while an engine writes it. */
async function askAnew(token: string, inputs: pulumi.Inputs): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pulumi.runtime.invoke(token, inputs);
    } catch (error) {
      if (attempt === attempts || !messageOf(error).includes("failed to load checkpoint")) {
        throw error;
      }
      await sleep(pause);
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
