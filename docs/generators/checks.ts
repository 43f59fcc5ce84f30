import { checks, prechecks } from "../../checks";
import { tableOf, withPart } from "./marked";

/** The page of the checks, with the list of them. */
export function checksPage(page: string): string {
  const list = (of: typeof checks) =>
    tableOf(
      ["Check", "What holds when it passes"],
      of.map(({ id, title }) => [`[\`${id}\`](troubleshooting.md#${id})`, title]),
    );
  return withPart(withPart(page, "checks", list(checks)), "prechecks", list(prechecks));
}
