import * as pulumi from "@pulumi/pulumi";
import { type Access, ownAccess } from "../../kubernetes";
import type { Cluster } from "./cluster";

/**
 * The way to a cluster, for hooks: they run once it is known.
 *
 * @returns Throws KubeconfigError where the kubeconfig can't be used.
 */
export function laterAccess({ name, kubeconfig, context }: Pick<Cluster, "name" | "kubeconfig" | "context">) {
  const told = new Promise<readonly [kubeconfig: string, context: string]>((resolve) => {
    pulumi.all([kubeconfig, context]).apply(resolve);
  });
  return async (): Promise<Access> => {
    const [text, wanted] = await told;
    return ownAccess(text, `the kubeconfig of cluster ${name}`, wanted);
  };
}
