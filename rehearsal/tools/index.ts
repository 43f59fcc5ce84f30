/**
 * The tools that a rehearsal runs: from the PATH, or else from a cache folder, which is filled by downloads or from package
 * registries.
 */
export { cacheFolder, kept, openCache, withCacheLock, withScratch } from "./cache";
export { catalogue, kubernetesSource, type GoSource, type ToolName } from "./catalogue";
export { run, type CommandOptions } from "./command";
export { messageOf, ToolError } from "./errors";
export { Go, neededGo } from "./go";
export { cachePathOf, provideGoPrograms, type GoPrograms } from "./go-build";
export { istioModule, provideIstioCharts } from "./istio-charts";
export { which } from "./path";
export { stopwatch, withHeartbeat, type Progress } from "./progress";
export { provideTools, type Toolbox } from "./provide";
