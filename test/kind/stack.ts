import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { exportedState, type RecordedKubeconfig, recordedKubeconfigs } from "../../stacks";
import { Console } from "../../rehearsal/console";
import { providePlugins } from "../../rehearsal/engine-plugins";
import { loadProgram } from "../../rehearsal/program";
import { provideTools } from "../../rehearsal/tools";
import { recorded, type Run } from "../engine/support/run";
import { config, type StackSettings } from "../engine/support/settings";

/** A stack of the whole program on this machine's container engine, by the real engine, with all that it writes in one folder. */
export class MachineStack {
  /** Where the engineer's kubeconfig is. */
  readonly kubeconfig: string;

  private constructor(
    readonly folder: string,
    private stack: Stack,
  ) {
    this.kubeconfig = join(folder, "kubeconfig");
  }

  static async open(name: string, settings: StackSettings): Promise<MachineStack> {
    const console = new Console();
    const tools = await provideTools([], console);
    const plugins = await providePlugins();
    const folder = mkdtempSync(join(tmpdir(), `flatmesh-${name}-`));
    ["state", "tmp"].forEach((part) => {
      mkdirSync(join(folder, part));
    });
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "flatmesh", program: loadProgram() },
      {
        pulumiCommand: await PulumiCommand.get({ root: tools.pulumiRoot, skipVersionCheck: true }),
        workDir: folder,
        pulumiHome: plugins.home,
        projectSettings: {
          name: "flatmesh",
          runtime: "nodejs",
          backend: { url: `file://${join(folder, "state")}` },
        },
        envVars: {
          PULUMI_CONFIG_PASSPHRASE: "passphrase-of-a-test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          KUBECONFIG: join(folder, "kubeconfig"),
          TMPDIR: join(folder, "tmp"),
        },
      },
    );
    const opened = new MachineStack(folder, stack);
    await opened.configure(settings);
    return opened;
  }

  /** Gives the stack other settings. */
  async configure(settings: StackSettings): Promise<void> {
    const { encryptionSalt } = await this.stack.workspace.stackSettings(this.stack.name);
    await this.stack.workspace.saveStackSettings(this.stack.name, {
      ...(encryptionSalt !== undefined && { encryptionSalt }),
      config: { "pulumi:disable-default-providers": ["kubernetes"], ...config(settings) },
    });
  }

  preview(): Promise<Run> {
    return recorded((options) => this.stack.preview(options));
  }

  async up(): Promise<Run> {
    const run = await recorded((options) => this.stack.up(options));
    for (const { name, access } of await this.kept()) {
      writeFileSync(this.kubeconfigOf(name), access().kubeconfig, { mode: 0o600 });
    }
    // On a slow machine a release may well wait longer than a minute, which is said as it happens.
    return { ...run, messages: run.messages.filter(({ text }) => !/: Helm release \S+ waits, /.test(text)) };
  }

  /** Gives the stack another name; its folder stays the same. */
  async rename(name: string): Promise<void> {
    const { workspace } = this.stack;
    const { envVars, pulumiHome, workDir } = workspace;
    await promisify(execFile)(
      workspace.pulumiCommand.command,
      ["stack", "rename", name, "--stack", this.stack.name, "--non-interactive"],
      { cwd: workDir, env: { ...process.env, ...envVars, PULUMI_HOME: pulumiHome } },
    );
    this.stack = await LocalWorkspace.selectStack(
      { stackName: name, projectName: "flatmesh", program: loadProgram() },
      {
        pulumiCommand: workspace.pulumiCommand,
        workDir,
        ...(pulumiHome !== undefined && { pulumiHome }),
        envVars,
        projectSettings: await workspace.projectSettings(),
      },
    );
  }

  /** Has the state of another stack from now on, as `pulumi stack export` and `import` carry it over. */
  async takeStateOf(other: MachineStack): Promise<void> {
    await this.stack.importStack(await other.stack.exportStack());
  }

  /** The clusters of the stack's state, with the ways to them. */
  async kept(): Promise<RecordedKubeconfig[]> {
    return recordedKubeconfigs(exportedState(await this.stack.exportStack()) ?? new Map());
  }

  /** Rewrites the state as text, secrets in the clear. */
  async rewrite(change: (deployment: string) => string): Promise<void> {
    const exported = await this.stack.exportStack();
    const deployment: unknown = JSON.parse(change(JSON.stringify(exported.deployment)));
    await this.stack.importStack({ ...exported, deployment });
  }

  destroy(): Promise<Run> {
    return recorded((options) => this.stack.destroy(options));
  }

  /** The outputs' values, secrets in the clear. */
  async outputs(): Promise<Readonly<Record<string, unknown>>> {
    const outputs = await this.stack.outputs();
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]): [string, unknown] => [name, value]));
  }

  /** Runs kubectl with a cluster's kubeconfig, as the last `up` has given it. */
  async kubectl(cluster: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)("kubectl", ["--kubeconfig", this.kubeconfigOf(cluster), ...args], {
      maxBuffer: 2 ** 26,
    });
    return stdout;
  }

  /** Lists a cluster's pods as somebody else, by a kubeconfig that is meant for its peers; gives what kubectl prints. */
  async listAs(cluster: string, kubeconfig: string): Promise<string> {
    const [server] = /https:\/\/[\d.:]+/.exec(readFileSync(this.kubeconfigOf(cluster), "utf8")) ?? [""];
    const file = join(this.folder, "other.kubeconfig");
    writeFileSync(file, kubeconfig, { mode: 0o600 });
    const args = ["--kubeconfig", file, "--server", server, "get", "pods", "--all-namespaces", "--output=name"];
    try {
      return (await promisify(execFile)("kubectl", args)).stdout;
    } catch (error) {
      return String(error);
    }
  }

  /** Starts a kubectl that goes on, such as a port-forward. */
  start(cluster: string, ...args: string[]): ChildProcess {
    return spawn("kubectl", ["--kubeconfig", this.kubeconfigOf(cluster), ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  async apply(cluster: string, object: object): Promise<void> {
    const file = join(this.folder, "object.json");
    writeFileSync(file, JSON.stringify(object));
    await this.kubectl(cluster, "apply", "--filename", file);
  }

  /** Temporary files that the stack's tools have left. */
  leftovers(): string[] {
    return readdirSync(join(this.folder, "tmp"));
  }

  private kubeconfigOf(cluster: string): string {
    return join(this.folder, `${cluster}.kubeconfig`);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
