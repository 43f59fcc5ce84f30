export { type Definition, gatewayApiDefinitions } from "./gateway-api";
export { type ChartReference, chartOf, istioTag } from "./charts";
export { Mesh, type MeshArgs } from "./mesh";
