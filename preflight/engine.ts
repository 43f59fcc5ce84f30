import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { DocsSection } from "../diagnostics";
import { keyOfUrn, type RecordedOutputs, recordedOutputs, type StackOutputs, type StackState } from "../stacks";
import { absent, type Datum, known, unavailable, valueOf } from "./datum";
import { report } from "./problems";
import { type Run, withoutDatum } from "./unavailable";

/** The section on what it takes to read a state. */
export const unreadable: DocsSection = "docs/troubleshooting.md#a-state-or-its-outputs-cannot-be-read";

/**
 * The outputs of a stack; absent if it does not exist or may not be read: the backend does not distinguish the two. They are read
 * by an invoke, since a StackReference to a stack that does not exist would fail the whole deployment, and would only be resolved
 * after resources are declared.
 */
export async function outputsOf(name: string): Promise<Datum<StackOutputs>> {
  try {
    const result = (await ask("pulumi:pulumi:readStackOutputs", { name })) as { readonly outputs?: StackOutputs };
    return known(result.outputs ?? {});
  } catch (error) {
    const message = messageOf(error);
    return /unknown stack|no stack named|stack .*not found/i.test(message) ? absent : unavailable(message);
  }
}

/** Full name of this stack, as other stacks' settings name it. */
function ownName(): string {
  return [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
}

/** This stack, before this run changes anything. */
export interface OwnStack {
  /** Its full name, as other stacks' settings name it. */
  readonly name: string;
  /** The outputs of its resources after the last update, failed or not. Secrets are in the clear. */
  readonly state: StackState;
  /** Its outputs after the last completed update; empty before the first. */
  readonly outputs: RecordedOutputs;
}

/**
 * Reads the state and the outputs of this stack. For each of them the engine fetches and decrypts the whole state, which takes
 * seconds: call it once per run.
 *
 * @throws PreconditionError if the backend can't be read: see `ownStack` of unavailable.ts.
 */
export async function readOwnStack(run: Run): Promise<OwnStack> {
  const name = ownName();
  const [state, outputs] = await Promise.all([stateOf(name), outputsOf(name)]);
  const unread = [
    ...(state.status === "unavailable" ? [`The state of this stack can't be read: ${state.reason}`] : []),
    ...(outputs.status === "unavailable" ? [`The outputs of this stack can't be read: ${outputs.reason}`] : []),
  ];
  report(unread.slice(0, 1).flatMap((message) => withoutDatum("ownStack", run, message, unreadable)));
  return { name, state: valueOf(state) ?? new Map(), outputs: recordedOutputs(valueOf(outputs) ?? {}) };
}

/** Read by an invoke, as the outputs are: the SDK has no function for it. */
async function stateOf(stackName: string): Promise<Datum<StackState>> {
  try {
    const { outputs = {} } = (await ask("pulumi:pulumi:readStackResourceOutputs", { stackName })) as {
      readonly outputs?: Readonly<Record<string, { readonly type: string; readonly outputs?: unknown }>>;
    };
    const resources = Object.entries(outputs);
    return known(new Map(resources.map(([urn, { type, outputs: recorded }]) => [keyOfUrn(type, urn), recorded])));
  } catch (error) {
    return unavailable(messageOf(error));
  }
}

/** How often, and after how many milliseconds, a checkpoint is read again. */
const [attempts, pause] = [20, 200];

/** A file backend holds half a state while another engine is writing it. */
async function ask(token: string, inputs: pulumi.Inputs): Promise<unknown> {
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
