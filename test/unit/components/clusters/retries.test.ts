import { expect, it } from "vitest";
import { retrying } from "../../../../components/clusters";

const transient = "etcdserver: leader changed";

/** How often an operation is tried again whose every attempt fails with this message, and the pauses that are told of. */
async function tried(message: string, urn = "one", passes = retrying(() => undefined, { retries: 3, pause: 1 })) {
  const errors: string[] = [];
  do {
    // The engine gives the last one first.
    errors.unshift(message);
  } while (await passes(urn, errors));
  return errors.length - 1;
}

it("a temporary problem is retried, so often and no more", async () => {
  expect(await tried(transient)).toBe(3);
});

it("what fails for good is not, also after a temporary problem", async () => {
  expect(await tried("is forbidden: exceeded quota")).toBe(0);
  const passes = retrying(() => undefined, { retries: 3, pause: 1 });
  expect(await passes("one", [transient])).toBe(true);
  expect(await passes("one", ["is forbidden: exceeded quota", transient])).toBe(false);
});

it("pauses grow, and are told", async () => {
  const told: number[] = [];
  const passes = retrying((_, seconds) => told.push(seconds), { retries: 3, pause: 40 });
  const start = Date.now();
  await tried(transient, "one", passes);
  expect(told).toEqual([1, 1, 1]);
  expect(Date.now() - start).toBeGreaterThanOrEqual(40 + 80 + 160 - 10);
});
