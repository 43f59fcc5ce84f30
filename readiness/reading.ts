import { z } from "zod";
import { Forbidden, reasonOf, Unreachable } from "../kubernetes";

/** Something that was read of a cluster, or why it could not be. */
export type Reading<Value> =
  { readonly status: "read"; readonly value: Value } | { readonly status: "unread"; readonly reason: string };

/** Reads something; never throws where the cluster is to blame. */
export async function reading<Value>(read: () => Promise<Value>): Promise<Reading<Value>> {
  try {
    return { status: "read", value: await read() };
  } catch (error) {
    if (error instanceof Forbidden || error instanceof Unreachable || error instanceof z.ZodError) {
      return { status: "unread", reason: reasonOf(error) };
    }
    throw error;
  }
}

/** What was read; otherwise what stands in for it. */
export function readOr<Value>(from: Reading<Value>, otherwise: Value): Value {
  return from.status === "read" ? from.value : otherwise;
}
