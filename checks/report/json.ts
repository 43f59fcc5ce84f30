import { Report } from "./report";

export function jsonReport(report: Report): string {
  return JSON.stringify(Report.parse(report), undefined, 2);
}
