import { delimiter } from "node:path";
import { provideTools } from "../../rehearsal/tools";

/** Puts the tools that tests run in front of the PATH. The first time on a machine this takes minutes, and says what it does. */
export default async function setup(): Promise<void> {
  const tools = await provideTools(
    ["kubectl", "helm", "etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kwokctl"],
    {
      step: (message) => {
        process.stderr.write(`${message}\n`);
      },
    },
  );
  process.env["PATH"] = [tools.path, process.env["PATH"] ?? ""].join(delimiter);
}
