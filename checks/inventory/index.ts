export { Cluster, type Look } from "./cluster";
export { inEach, inEachDistribution } from "./each-cluster";
export { type Expected, type Link, linksOf, type Mesh, peersOf } from "./mesh";
export * as objects from "./objects";
