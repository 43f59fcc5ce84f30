import { describedCommand, type Handler } from "./command";
import { anyStack, file, text } from "./values";

export interface KubeconfigOptions {
  readonly stack: string;
  readonly cluster?: string | undefined;
  /** Absolute path. */
  readonly file?: string | undefined;
  readonly rehearsal?: boolean | undefined;
}

/** `flatmesh kubeconfig`, which is `npm run kubeconfig` too. */
export function kubeconfigCommand(handler: Handler<KubeconfigOptions>, finish: (exitCode: number) => void) {
  return describedCommand("kubeconfig", {
    summary: "list a stack's clusters, or print the kubeconfig of one",
    description:
      "Lists the clusters of a deployed stack, or prints the kubeconfig of one, which gives administrator access.",
    notes: "Exit code: 0, or 2 when it fails.",
  })
    .requiredOption("--stack <name>", "the stack", anyStack)
    .option("--cluster <name>", "print the kubeconfig of this cluster", text)
    .option("--file <path>", "write it to a file that only you can read instead of printing it", file)
    .option("--rehearsal", "the clusters of the stack's rehearsal")
    .action(async (options) => {
      finish(await handler(options));
    });
}
