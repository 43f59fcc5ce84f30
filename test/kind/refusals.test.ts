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
    "the container engine does not answer (docker info: Cannot connect to the Docker daemon at unix:///nonexistent/docker.sock",
  ],
  [
    "KIND_EXPERIMENTAL_PROVIDER",
    "no-such-engine",
    "KIND_EXPERIMENTAL_PROVIDER is no-such-engine, which kind does not know.",
  ],
])("%s=%s", async (variable, value, message) => {
  vi.stubEnv(variable, value);
  const { error, steps } = await stack.up();
  expect(error).toContain(message);
  expect(lines(steps)).toEqual([]);
});
