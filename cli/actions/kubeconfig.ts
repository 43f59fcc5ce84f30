import { join } from "node:path";
import { SourceError } from "../../checks";
import { exportKubeconfig } from "../../kubeconfig/export";
import { KubeconfigError } from "../../kubernetes";
import { printFailure } from "../failure";
import type { KubeconfigOptions } from "../kubeconfig";

/** Prints the kubeconfig of a stack's cluster, if the user can decrypt the stack's state. Resolves to the exit code. */
export async function printKubeconfig(options: KubeconfigOptions): Promise<number> {
  try {
    process.stdout.write(
      await exportKubeconfig({
        folder: join(__dirname, "..", ".."),
        ...options,
        rehearsal: options.rehearsal ?? false,
      }),
    );
    return 0;
  } catch (error) {
    printFailure(error, [SourceError, KubeconfigError]);
    return 2;
  }
}
