import { run, type CommandOptions } from "../../../rehearsal/tools";

/** Runs the container engine's command and gives what it printed; throws a CommandError. */
export function docker(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  // The engine's own builder is there everywhere, BuildKit's client only where somebody has installed it.
  return run("docker", args, { ...options, env: { ...process.env, DOCKER_BUILDKIT: "0" } });
}

/** Whether the engine has all these images. */
export async function hasImages(...names: readonly string[]): Promise<boolean> {
  return docker(["image", "inspect", "--format", "{{.Id}}", ...names]).then(
    () => true,
    () => false,
  );
}
