import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import type { Config } from "../settings";
import { markOf } from "./processes";
import { loadProgram } from "./program";
import { RehearsalError } from "./stack-file";
import type { Toolbox } from "./tools";

/** What the workspace of a rehearsal is made of. */
export interface WorkspaceArgs {
  /** Folder that everything of the rehearsal is kept in. */
  readonly folder: string;
  readonly stack: string;
  /** Settings, without prefix. */
  readonly config: Config;
  readonly tools: Toolbox;
  /** Folder with the provider plugins in it. */
  readonly pulumiHome: string;
}

/** Where kwok keeps the clusters of a rehearsal. */
export function kwokFolder(folder: string): string {
  return join(folder, "kwok");
}

/** The environment of everything that a rehearsal starts: its mark, its tools, and its folder. */
export function environment(folder: string, tools: Toolbox): Record<string, string> {
  const binaries = Object.entries(kwokBinaries).flatMap(([name, tool]) => {
    const program = tools.programs[tool];
    return program === undefined ? [] : [[`KWOK_${name}_BINARY`, program]];
  });
  return {
    ...(Object.fromEntries(binaries) as Record<string, string>),
    PATH: [tools.path, process.env["PATH"] ?? ""].join(delimiter),
    ...markOf(folder),
    // Short-lived processes that somebody waits for: more memory, less time.
    GOGC: "200",
    KWOK_WORKDIR: kwokFolder(folder),
    // No tool may use the engineer's own contexts.
    KUBECONFIG: join(folder, "no-kubeconfig"),
  };
}

/** The tools that kwokctl would download, by the middle of the variable that names another one. */
const kwokBinaries = {
  ETCD: "etcd",
  KUBE_APISERVER: "kube-apiserver",
  KUBE_CONTROLLER_MANAGER: "kube-controller-manager",
  KUBE_SCHEDULER: "kube-scheduler",
  CONTROLLER: "kwok",
  KUBECTL: "kubectl",
} as const;

/** A Pulumi stack with the real engine and the real program, whose state is in the rehearsal's folder. */
export async function openStack(args: WorkspaceArgs): Promise<Stack> {
  const { folder, stack, config, tools, pulumiHome } = args;
  const state = join(folder, "state");
  const workDir = join(folder, "workspace");
  await mkdir(state, { recursive: true });
  await mkdir(workDir, { recursive: true });
  return LocalWorkspace.createOrSelectStack(
    { stackName: stack, projectName: "flatmesh", program: loadProgram() },
    {
      pulumiCommand: await PulumiCommand.get({ root: tools.pulumiRoot, skipVersionCheck: true }),
      workDir,
      pulumiHome,
      projectSettings: { name: "flatmesh", runtime: "nodejs", backend: { url: `file://${state}` } },
      stackSettings: {
        [stack]: {
          config: {
            "pulumi:disable-default-providers": ["kubernetes"],
            ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`flatmesh:${key}`, value])),
          },
        },
      },
      envVars: {
        ...environment(folder, tools),
        PULUMI_CONFIG_PASSPHRASE: await passphrase(folder),
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Nothing verifies what the engine would download by itself.
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        // An interrupted rehearsal starts over: writing the whole state at every step would take a third of the time.
        PULUMI_EXPERIMENTAL: "true",
        PULUMI_SKIP_CHECKPOINTS: "true",
      },
    },
  );
}

/**
 * A stack's state, secrets in the clear.
 *
 * @throws RehearsalError that quotes nothing of it: the SDK's own errors have all that the CLI printed.
 */
export async function exportState(stack: Pick<Stack, "name" | "exportStack">): Promise<unknown> {
  try {
    return await stack.exportStack();
  } catch {
    throw new RehearsalError(
      `The state of the rehearsal of ${stack.name} can't be read. Take it down (npm start -- --stack ${stack.name} --down), and ` +
        "rehearse again.",
    );
  }
}

/** The state holds keys, even if those of throwaway clusters only: it is encrypted like any other. */
async function passphrase(folder: string): Promise<string> {
  const file = join(folder, "passphrase");
  if (!existsSync(file)) {
    await writeFile(file, randomBytes(24).toString("hex"), { mode: 0o600 });
    await chmod(file, 0o600);
  }
  return readFile(file, "utf8");
}
