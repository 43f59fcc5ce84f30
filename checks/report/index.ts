export { jsonReport } from "./report";
export { junitReport } from "./junit";
export { Report } from "./report";
export { summaryText, textReport, words } from "./text";
