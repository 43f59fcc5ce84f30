export type { Definition } from "./gateway-api";
export { chartOf, istioTag, meshImages, pinnedImages } from "./charts";
export { AmbientMesh, type AmbientMeshArgs, releaseNames, systemNamespace } from "./ambient-mesh";
export { ensureNamespace, namespaceCleanup, namespaceCleanupResource } from "./namespace";
export { type ClusterMesh, createMeshes, type MeshesArgs, settingsValues } from "./meshes";
export { reissueAnnotation, reissueIn } from "./reissue";
