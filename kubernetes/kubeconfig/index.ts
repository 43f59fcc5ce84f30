/** The only reader of kubeconfigs: their text is read nowhere else. */
export { Access, apiServer, engineersAccess, foreignAccess, foreignKubeconfig, ownAccess } from "./access";
export { type Kubeconfig, readKubeconfig } from "./entries";
export { KubeconfigError } from "./error";
export { type ForeignKubeconfig, type ForeignUser, readForeignKubeconfig } from "./foreign";
export { inClusterKubeconfig } from "./in-cluster";
export { engineersFiles, engineersNamed, type NamedEntries } from "./own";
