import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../../settings";

/** Outputs of a stack, read before any resource is made: what depends on them can be refused in time. */
export interface DeployedStack {
  readonly name: string;
  /**
   * The value of an output, secret or not; undefined when the stack has none of that name. Whoever asks for a secret one
   * marks what comes of it as secret.
   */
  readonly output: (name: string) => Promise<unknown>;
}

/**
 * Finds another stack.
 *
 * @param setting Key of the setting that names it, for messages.
 * @returns undefined when there is no such stack. (A StackReference to it would fail the whole deployment; the same question
 * asked as a function does not.)
 * @throws Refusal when the backend can't tell.
 */
export async function findStack(name: string, setting: string): Promise<DeployedStack | undefined> {
  if ((await readOutputs(name, setting)) === undefined) {
    return undefined;
  }
  const reference = new pulumi.StackReference(name);
  return {
    name,
    output: async (output) => {
      const details = await reference.getOutputDetails(output);
      return (details.value ?? details.secretValue) as unknown;
    },
  };
}

/** The outputs that this very stack had after its last update; empty before the first one. */
export async function ownOutputs(): Promise<Readonly<Record<string, unknown>>> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  return (await readOutputs(name, "this stack")) ?? {};
}

async function readOutputs(name: string, setting: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const result = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
      readonly outputs?: Readonly<Record<string, unknown>>;
    };
    return result.outputs ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/unknown stack|no stack named|not found/i.test(message)) {
      return undefined;
    }
    throw new Refusal(`${setting}: the outputs of stack ${name} can't be read: ${message}`);
  }
}
