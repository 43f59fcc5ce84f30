import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Unreachable } from "./api-server";

/** A node that is a container of a machine, as kind makes them. */
export interface NodeContainer {
  /** Name of node and container alike. */
  readonly node: string;
  /** kind's name of the cluster. */
  readonly cluster: string;
}

/** How long a container engine may take to answer, in milliseconds. */
const patience = 30_000;

/**
 * What a command prints in a node that is a container of this machine; undefined where no engine here has that container.
 *
 * @throws Unreachable where the engine has it, and the command can't be run in it.
 */
export async function runInNode(
  { node, cluster }: NodeContainer,
  command: readonly string[],
): Promise<string | undefined> {
  const preferred = process.env["KIND_EXPERIMENTAL_PROVIDER"];
  for (const engine of preferred ? [preferred] : ["docker", "podman"]) {
    // Another cluster's container may have the same name: kind's label shows its cluster.
    const label = '{{index .Config.Labels "io.x-k8s.kind.cluster"}}';
    const owner = await printed(engine, ["inspect", "--type", "container", "--format", label, node]).catch(() => "");
    if (owner.trim() === cluster) {
      try {
        return await printed(engine, ["exec", node, ...command]);
      } catch (error) {
        const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
        throw new Unreachable(`container ${node}: ${stderr?.trim() || message}`);
      }
    }
  }
  return undefined;
}

async function printed(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { timeout: patience, maxBuffer: 2 ** 24 });
  return stdout;
}
