import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import type { PulumiFn, Stack } from "@pulumi/pulumi/automation";
import { installStandIns } from "../../../rehearsal/plugins";

/** What `up` came to, of what tests look at. */
export interface Outcome {
  /** Everything the engine printed. */
  readonly log: string;
  /** How many resources were created, updated, replaced, deleted, left alone (`same`). */
  readonly changes: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A stack of the real engine with the stand-ins, in a folder of its own. Its program can be another one each time. */
export class Workbench {
  private constructor(
    readonly folder: string,
    private readonly stack: Stack,
    private readonly current: { program: PulumiFn },
  ) {}

  static async open(): Promise<Workbench> {
    const folder = await mkdtemp(join(tmpdir(), "plugins-test-"));
    const home = join(folder, "home");
    await mkdir(join(folder, "state"));
    await installStandIns(home);
    const current: { program: PulumiFn } = { program: () => Promise.resolve() };
    const stack = await LocalWorkspace.createStack(
      { stackName: "test", projectName: "plugins", program: () => current.program() },
      {
        envVars: {
          PULUMI_HOME: home,
          PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
          PULUMI_CONFIG_PASSPHRASE: "test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        },
      },
    );
    return new Workbench(folder, stack, current);
  }

  async up(program: PulumiFn): Promise<Outcome> {
    this.current.program = program;
    const { stdout, stderr, summary, outputs } = await this.stack.up();
    return {
      log: stdout + stderr,
      changes: { ...summary.resourceChanges },
      outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown])),
    };
  }

  /** The engine's words of an `up` that must fail. */
  async failure(program: PulumiFn): Promise<string> {
    try {
      await this.up(program);
    } catch (error) {
      return String(error);
    }
    throw new Error("the update succeeded");
  }

  async preview(program: PulumiFn): Promise<Readonly<Record<string, number>>> {
    this.current.program = program;
    return { ...(await this.stack.preview()).changeSummary };
  }

  async refresh(): Promise<Readonly<Record<string, number>>> {
    return { ...(await this.stack.refresh()).summary.resourceChanges };
  }

  async destroy(): Promise<void> {
    await this.stack.destroy();
  }

  /** The state as it is on the disk, with everything secret encrypted. */
  async stateText(): Promise<string> {
    const folder = join(this.folder, "state", ".pulumi", "stacks", "plugins");
    const [file = ""] = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    return readFile(join(folder, file), "utf8");
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
