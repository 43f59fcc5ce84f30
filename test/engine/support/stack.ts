import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  LocalWorkspace,
  type OutputMap,
  PulumiCommand,
  type PulumiFn,
  type Stack,
  type UpOptions,
  type DestroyOptions,
} from "@pulumi/pulumi/automation";
import { inject } from "vitest";
import { z } from "zod";
import { loadProgram } from "../../../rehearsal/program";
import { nameOf, recorded, type Run } from "./run";
import { config, licence, type StackSettings } from "./settings";
import type { World } from "./world";

const Resource = z.object({
  urn: z.string(),
  type: z.string(),
  custom: z.boolean(),
  provider: z.string().optional(),
  deletedWith: z.string().optional(),
  protect: z.boolean().default(false),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
/** A resource of an exported state. */
export type StateResource = z.infer<typeof Resource>;

const Deployment = z.object({ resources: z.array(Resource).default([]) });

/** Policy packs, by their folders, and the files that configure them. */
type Policies = Pick<UpOptions, "policyPacks" | "policyPackConfigs">;

/** A stack of the whole program, with the real engine and echo plugins. All stacks of a world share one backend. */
export class TestStack {
  private constructor(
    private readonly stack: Stack,
    private readonly encryptionSalt: string | undefined,
    /** Secret settings as the stack's file has them, by their keys. */
    private readonly encrypted: Readonly<Record<string, unknown>>,
  ) {}

  static async open(
    world: World,
    settings: StackSettings,
    {
      name = "test",
      program = loadProgram(),
      secretKeys = [],
    }: { name?: string; program?: PulumiFn; secretKeys?: readonly string[] } = {},
  ): Promise<TestStack> {
    const pulumiCommand = await PulumiCommand.get({ root: inject("pulumiRoot"), skipVersionCheck: true });
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "flatmesh", program },
      {
        pulumiCommand,
        workDir: world.folder,
        pulumiHome: inject("pulumiHome"),
        projectSettings: { name: "flatmesh", runtime: "nodejs", backend: { url: `file://${world.folder}` } },
        envVars: {
          PULUMI_DEBUG_PROVIDERS: world.debugProviders,
          PULUMI_CONFIG_PASSPHRASE: "passphrase-of-a-test",
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          // No context of the engineer's is in reach.
          KUBECONFIG: join(world.folder, "no-kubeconfig"),
        },
      },
    );
    // After each update, Pulumi starts its CLI three times more to ask for outputs and history, which few tests want.
    stack.outputs = () => Promise.resolve({});
    stack.info = () => Promise.resolve(undefined);
    const secrets = config(Object.fromEntries(secretKeys.map((key) => [key, settings[key]])));
    for (const [key, value] of Object.entries({ "flatmesh:license": licence, ...secrets })) {
      await stack.setConfig(key, { value, secret: true });
    }
    const written = await stack.workspace.stackSettings(name);
    const opened = new TestStack(stack, written.encryptionSalt, written.config ?? {});
    await opened.configure(settings);
    return opened;
  }

  /** Full name, as `peerStacks` has it. */
  get fullName(): string {
    return `organization/flatmesh/${this.stack.name}`;
  }

  /** Gives the stack other settings, the licence and what was opened as a secret encrypted. */
  async configure(settings: StackSettings): Promise<void> {
    await this.stack.workspace.saveStackSettings(this.stack.name, {
      encryptionSalt: this.encryptionSalt,
      config: {
        "pulumi:disable-default-providers": ["kubernetes"],
        ...config(settings),
        ...Object.fromEntries(
          Object.entries(this.encrypted).filter(
            ([key]) => key !== "flatmesh:license" || settings["license"] === licence,
          ),
        ),
      },
    });
  }

  async preview(more: Policies & Pick<UpOptions, "replace"> = {}): Promise<Run> {
    return recorded((options) => this.stack.preview({ ...options, ...more, diff: true }));
  }

  async up(more: Pick<UpOptions, "refresh" | "continueOnError" | "replace"> = {}): Promise<Run> {
    return recorded((options) => this.stack.up({ ...options, ...more, diff: true }));
  }

  async destroy(more: Pick<DestroyOptions, "runProgram"> = {}): Promise<Run> {
    return recorded((options) => this.stack.destroy({ ...options, ...more }));
  }

  /** Does what the engine says when it refuses to delete a protected resource: by its name, of any type. */
  async unprotect(name: string): Promise<void> {
    const [resource] = (await this.resources()).filter((each) => each.protect && nameOf(each.urn) === name);
    await this.#pulumi("state", "unprotect", resource?.urn ?? `no protected ${name}`, "--yes");
  }

  /** Deletes a resource and what depends on it from the state alone, as `pulumi state delete` does. */
  async forget(urn: string): Promise<void> {
    await this.#pulumi("state", "delete", "--target-dependents", "--yes", urn);
  }

  async outputs(): Promise<OutputMap> {
    return this.stack.workspace.stackOutputs(this.stack.name);
  }

  /** The state's resources, with their secrets in the clear behind Pulumi's mark. */
  async resources(): Promise<StateResource[]> {
    const exported = await this.stack.exportStack();
    return Deployment.parse(exported.deployment).resources;
  }

  /** The state as it is exported, secrets in the clear. */
  async deployment(): Promise<unknown> {
    return (await this.stack.exportStack()).deployment;
  }

  /** What `pulumi stack export` gives, with secrets as they are encrypted. */
  async exported(): Promise<string> {
    return this.#pulumi("stack", "export");
  }

  /** Puts such a state in the place of this one, as `pulumi stack import` does. */
  async imported(text: string): Promise<void> {
    const file = join(await mkdtemp(join(tmpdir(), "flatmesh-state-")), "state.json");
    await writeFile(file, text);
    await this.#pulumi("stack", "import", "--file", file);
    await rm(dirname(file), { recursive: true });
  }

  async #pulumi(...args: string[]): Promise<string> {
    const { workspace, name } = this.stack;
    const { stdout } = await promisify(execFile)(
      workspace.pulumiCommand.command,
      [...args, "--stack", name, "--non-interactive"],
      {
        cwd: workspace.workDir,
        env: { ...process.env, ...workspace.envVars, PULUMI_HOME: workspace.pulumiHome },
        maxBuffer: 2 ** 26,
      },
    );
    return stdout;
  }

  /** Texts of the Kubernetes Secret of that name, in the clear; `cluster` says which where there are several. */
  async secret(secret: string, cluster?: string): Promise<Readonly<Record<string, string>>> {
    const [resource] = (await this.resources()).filter(
      ({ type, urn }) =>
        type === "kubernetes:core/v1:Secret" &&
        urn.endsWith(`-${secret}`) &&
        (cluster === undefined || nameOf(urn).startsWith(`${cluster}-`)),
    );
    const { plaintext } = z.object({ plaintext: z.string() }).parse(resource?.inputs?.["stringData"]);
    return z.record(z.string(), z.string()).parse(JSON.parse(plaintext));
  }

  /** Gives the stack a state that was recorded, secrets in the clear. */
  async restore(deployment: unknown): Promise<void> {
    await this.stack.importStack({ version: 3, deployment: deployment as object });
  }

  /** Rewrites the state as text, secrets in the clear. */
  async rewrite(change: (deployment: string) => string): Promise<void> {
    const exported = await this.stack.exportStack();
    const deployment: unknown = JSON.parse(change(JSON.stringify(exported.deployment)));
    await this.stack.importStack({ ...exported, deployment });
  }
}
