import { whenUnavailable } from "../../preflight";
import { tableOf, withPart } from "./marked";

/** What the program does, in the words of the page. */
const actions = { refuse: "stops", warn: "warns", keep: "goes on" } as const;

/** The page on what is looked at first, with the table that the code itself goes by. */
export function preflightPage(page: string): string {
  const rows = Object.values(whenUnavailable).map((policy) => [
    policy.what,
    actions[policy.preview],
    actions[policy.update],
    "instead" in policy ? policy.instead : "–",
  ]);
  return withPart(
    page,
    "unavailable",
    tableOf(["What could not be looked at", "A preview", "An update", "Taken in its place"], rows),
  );
}
