import { z } from "zod";
import { askCli, stackName } from "./cli";
import { decode, isMap, type Properties } from "./state";

/** Lists and maps with a secret anywhere in them are secrets as a whole here. */
const Configuration = z.record(
  z.string(),
  z.object({ secret: z.boolean(), value: z.string().optional(), objectValue: z.unknown().optional() }),
);

/**
 * What of a stack's configuration is not encrypted, by full keys. A program, and so a plan, sees the same value whether it is
 * or not; in the stack's file everybody reads it.
 *
 * @param urn Of any resource of the stack.
 * @param organization As Pulumi has it, where the CLI has told the pack.
 * @returns Undefined where it can't be read: where the CLI can't be asked, kept-foundations says so.
 */
export async function plainConfiguration(
  urn: string,
  organization: string | undefined,
): Promise<Properties | undefined> {
  try {
    return readConfiguration(await askCli(["config", "--json"], stackName(urn, organization)));
  } catch {
    return undefined;
  }
}

/** @param json As `pulumi config --json` prints it. */
export function readConfiguration(json: string): Properties {
  const plain = Object.entries(Configuration.parse(JSON.parse(json))).filter(([, { secret }]) => !secret);
  const { value } = decode(Object.fromEntries(plain.map(([key, one]) => [key, one.objectValue ?? one.value])));
  return isMap(value) ? value : {};
}
