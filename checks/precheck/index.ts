import type { Check } from "../check";
import { reachable } from "../list/reachable";

/** Every check before an install. */
export const prechecks: readonly Check[] = [reachable];
