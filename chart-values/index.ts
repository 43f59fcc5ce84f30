export { type LayeredValue, merged, programLayer, secretTexts, valuesOf } from "./layers";
export { type OwnValues, ownValues } from "./own";
