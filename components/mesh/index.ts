export type { Definition } from "./gateway-api";
export { chartOf, istioTag } from "./charts";
export { meshImages } from "./images";
export { reissueAnnotation, reissueIn } from "./reissue";
export { createMeshes, Mesh, type MeshArgs, type MeshesArgs, releaseNames, systemNamespace } from "./mesh";
