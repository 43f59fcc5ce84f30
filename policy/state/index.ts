export { EngineView } from "./from-engine";
export { resourcesOfState } from "./from-state";
export { kindOf, type Provider, type Resource, type Stack, stackOf, stackType } from "./resource";
export {
  at,
  decode,
  entries,
  isMap,
  list,
  missing,
  pathText,
  type Properties,
  text,
  texts,
  unknown,
  type Value,
} from "./value";
