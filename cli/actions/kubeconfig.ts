import { join } from "node:path";
import { SourceError } from "../../checks";
import { exportKubeconfig } from "../../kubeconfig/export";
import { KubeconfigError } from "../../kubernetes";
import { printFailure } from "../failure";
import type { KubeconfigOptions } from "../kubeconfig";

/** Hands out the way to a cluster of a stack, to whoever may decrypt the stack's state. Resolves to the exit code. */
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
