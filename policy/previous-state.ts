import { z } from "zod";
import { askCli, stackName } from "./cli";
import { type Resource, resourcesOfState } from "./state";

/** What a stack's state had before this plan or update. */
export type PreviousState =
  | { readonly before: readonly Resource[] }
  /** Why it could not be read, and what to do about it. */
  | { readonly beforeUnread: string };

const Exported = z.object({ deployment: z.unknown() });

/**
 * Reads the state of the stack that a policy pack looks at, secrets left encrypted.
 *
 * @param urn Of any resource of the stack.
 * @param organization As Pulumi has it, where the CLI has told the pack.
 */
export async function previousState(urn: string, organization: string | undefined): Promise<PreviousState> {
  const stack = stackName(urn, organization);
  try {
    const exported = Exported.parse(JSON.parse(await askCli(["stack", "export"], stack)));
    return { before: resourcesOfState(exported.deployment ?? {}) };
  } catch (error) {
    return { beforeUnread: reason(error, stack) };
  }
}

function reason(error: unknown, stack: string): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") {
    return "the pulumi CLI is not on the PATH. Put it there.";
  }
  const { stderr } = z.object({ stderr: z.string() }).catch({ stderr: "" }).parse(error);
  return `the state of stack ${stack} can't be read (${stderr.trim() || "it has an unknown form"}). See that pulumi stack export --stack ${stack} works.`;
}
