import { expect, it } from "vitest";
import { readOwnStack } from "../../../preflight/engine";
import { refusals, run } from "../components/mocks";

const state = ["kubernetes:core/v1:Secret a-cacerts"];

it("reads its state again while the engine writes the checkpoint", async () => {
  let reads = 0;
  const stateFault = () => {
    reads += 1;
    return reads < 3 ? "failed to load checkpoint: EOF" : undefined;
  };
  expect([...(await run(() => readOwnStack("update"), { state, stateFault })).value.state.keys()]).toEqual(state);
  expect(reads).toBe(3);
});

it("says why its state can't be read, without asking twice", async () => {
  let reads = 0;
  const stateFault = () => {
    reads += 1;
    return "access denied";
  };
  expect(await refusals(() => run(() => readOwnStack("update"), { state, stateFault }))).toEqual([
    expect.stringMatching(/^The state of this stack can't be read: .*access denied/),
  ]);
  expect(reads).toBe(1);
});
