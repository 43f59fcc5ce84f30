import { afterEach, beforeEach, test } from "vitest";
import { joinAndLeave, members } from "./support/three-stacks";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const orders = members.flatMap((first) =>
  members.flatMap((second) =>
    members
      .filter((third) => new Set([first, second, third]).size === 3)
      .map((third) => [first, second, third] as const),
  ),
);

/** Takes minutes: peer-stacks.test.ts has the one order that always runs. */
test.each(orders)("three stacks make one mesh: %s first, then %s, then %s", { timeout: 900_000 }, async (...order) => {
  await joinAndLeave(world, order);
});
