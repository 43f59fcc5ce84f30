import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../../settings";

/** Outputs of a stack by name. Secret ones are among them, in the clear: whoever uses one marks what comes of it as secret. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/**
 * The outputs of a stack, read before any resource is made: what depends on them can be refused in time. They are asked for
 * as a function, since a StackReference to a stack that does not exist would fail the whole deployment.
 *
 * @param setting Key of the setting that names the stack, for messages.
 * @returns undefined when there is no such stack.
 * @throws Refusal when the backend can't tell.
 */
export async function outputsOf(name: string, setting: string): Promise<StackOutputs | undefined> {
  try {
    const result = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
      readonly outputs?: StackOutputs;
    };
    return result.outputs ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/unknown stack|no stack named|stack .*not found/i.test(message)) {
      return undefined;
    }
    throw new Refusal(`${setting}: the outputs of stack ${name} can't be read: ${message}`);
  }
}

/** The outputs that this very stack had after its last update; empty before the first one. */
export async function ownOutputs(): Promise<StackOutputs> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  return (await outputsOf(name, "this stack")) ?? {};
}
