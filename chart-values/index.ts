export { type LayeredValue, merged, programLayer, secretTexts, valuesOf } from "./layers";
export { hasSecretValues, type OwnValues, ownValues } from "./own";
export { plannedWorkloads } from "./workloads";
