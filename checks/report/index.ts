export { jsonReport } from "./report";
export { junitReport } from "./junit";
export { longestText, Report } from "./report";
export { summaryText, textReport, words } from "./text";
