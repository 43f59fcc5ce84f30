export { type Definition, gatewayApiDefinitions } from "./gateway-api";
export { chartOf, istioTag } from "./charts";
export { meshImages } from "./images";
export { Mesh, type MeshArgs, releaseNames, systemNamespace } from "./mesh";
