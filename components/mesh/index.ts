export type { Definition } from "./gateway-api";
export { chartOf, istioTag, meshImages, pinnedImages } from "./charts";
export { AmbientMesh, type AmbientMeshArgs, releaseNames, systemNamespace } from "./ambient-mesh";
export { ensureNamespace, namespaceCleanupResource } from "./namespace";
export { createMeshes, type MeshesArgs, settingsValues } from "./meshes";
export { reissueAnnotation, reissueIn } from "./reissue";
