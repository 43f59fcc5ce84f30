import { printableJson, shortened } from "../../printable";
import { Report } from "./report";
import { longestText } from "./texts";

export function jsonReport(report: Report): string {
  return printableJson(short(Report.parse(report)));
}

/** A value with no text in it that is longer than a report's may be. */
function short(value: unknown): unknown {
  if (typeof value === "string") {
    return shortened(value, longestText);
  }
  if (Array.isArray(value)) {
    return value.map(short);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, short(entry)]))
    : value;
}
