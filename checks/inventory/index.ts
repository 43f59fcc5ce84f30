export { Cluster, type ClusterReader } from "./cluster";
export { forEachCluster, forEachClusterOf } from "./each-cluster";
export { type Expected, type Link, linksOf, type Mesh, peersOf } from "./mesh";
export { OutOfTime, Watch } from "./watch";
export * as objects from "./objects";
