import { setTimeout as sleep } from "node:timers/promises";
import { isTransient } from "../../kubernetes";

/** How often something is tried again, and how long it is waited before the first time, in milliseconds; twice as long each time. */
export interface Patience {
  readonly retries: number;
  readonly pause: number;
}

/** A minute in all: as long as an API server takes to restart, or etcd to have a leader again. */
const usualPatience: Patience = { retries: 5, pause: 2000 };

/** Nothing is tried again after this time, in milliseconds: each attempt of a Helm release can take its whole timeout. */
const longest = 600_000;

/**
 * What decides whether a failed operation is tried again, once the pause before that is over.
 *
 * @param tell Told before each pause.
 */
export function retrying(
  tell: (error: string, pauseSeconds: number) => void,
  { retries, pause }: Patience = usualPatience,
): (urn: string, errors: readonly string[]) => Promise<boolean> {
  const began = new Map<string, number>();
  return async (urn, errors) => {
    const [error = ""] = errors;
    const start = began.get(urn) ?? Date.now();
    began.set(urn, start);
    if (!isTransient(error) || errors.length > retries || Date.now() - start > longest) {
      return false;
    }
    const milliseconds = pause * 2 ** (errors.length - 1);
    tell(error, Math.ceil(milliseconds / 1000));
    await sleep(milliseconds);
    return true;
  };
}
