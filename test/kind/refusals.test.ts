/** What a machine lacks is said before anything is created, and not as the failure of some cluster. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { lines } from "../engine/support/run";
import { kind, settings } from "./settings";
import { MachineStack } from "./stack";

let stack: MachineStack;
beforeAll(async () => {
  stack = await MachineStack.open("refusals", settings([kind("refused")]));
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  stack.close();
});

test.each([
  [
    "DOCKER_HOST",
    "unix:///nonexistent/docker.sock",
    "the container engine does not answer (docker info fails). Start it",
  ],
  [
    "KIND_EXPERIMENTAL_PROVIDER",
    "no-such-engine",
    "the no-such-engine command is not on the PATH. Install a container engine",
  ],
])("%s=%s", async (variable, value, message) => {
  vi.stubEnv(variable, value);
  const { error, steps } = await stack.up();
  expect(error).toContain(message);
  expect(lines(steps)).toEqual([]);
});
