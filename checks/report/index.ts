export { jsonReport } from "./json";
export { junitReport } from "./junit";
export { Report } from "./report";
export { summaryText, textReport, words } from "./text";
