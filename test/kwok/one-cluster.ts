/** `flatmesh:` keys of the smallest environment. */
export const oneCluster = { clusters: [{ name: "only", provisioner: "kwok" }], distribution: "community" };
