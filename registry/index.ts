/** OCI registries, as Helm's client asks them: who is logged in, and the charts that they have. */
export { isPem } from "./authorities";
export { type ChartReference, type ChartRegistry, findChart, provideChart, registrySection } from "./charts";
export { ChartRefused } from "./failures";
export { hostOf } from "./reference";
