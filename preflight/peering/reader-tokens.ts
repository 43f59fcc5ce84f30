import { z } from "zod";
import type { KnownToken } from "../../components/peering";
import type { StackState } from "../../stacks";

const Token = z.object({ metadata: z.object({ creationTimestamp: z.coerce.date() }) });

/** The readers' tokens in this stack's state (community distribution). */
export function recordedTokens(state: StackState): KnownToken[] {
  return [...state].flatMap(([key, outputs]) => {
    const [, namePrefix, generation, holder] =
      /^kubernetes:core\/v1:Secret (.+)-istio-reader-token-(\d+)(?:-(.+))?$/.exec(key) ?? [];
    const token = Token.safeParse(outputs).data;
    return namePrefix === undefined || token === undefined
      ? []
      : [{ namePrefix, generation: Number(generation), holder, created: token.metadata.creationTimestamp }];
  });
}
