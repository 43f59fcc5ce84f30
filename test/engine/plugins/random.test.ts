import * as random from "@pulumi/random";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Workbench } from "./workbench";

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.open();
});
afterAll(async () => {
  await bench.destroy();
  await bench.close();
});

const names = (keeper: string) => () => {
  const id = new random.RandomId("id", { byteLength: 4, prefix: "a-", keepers: { keeper } });
  const suffix = new random.RandomString("suffix", {
    length: 12,
    special: false,
    upper: false,
    minNumeric: 3,
    keepers: { keeper },
  });
  return Promise.resolve({ hex: id.hex, dec: id.dec, b64Url: id.b64Url, id: id.id, suffix: suffix.result });
};

test("an id is the same bytes in every notation, and stays", async () => {
  const { outputs } = await bench.up(names("one"));
  const bytes = Buffer.from(String(outputs.id), "base64url");
  expect(bytes).toHaveLength(4);
  expect(outputs.hex).toBe(`a-${bytes.toString("hex")}`);
  expect(outputs.dec).toBe(`a-${String(bytes.readUInt32BE())}`);
  expect(outputs.b64Url).toBe(`a-${String(outputs.id)}`);
  expect(outputs.suffix).toMatch(/^(?=(?:.*\d){3})[a-z0-9]{12}$/);
  expect(await bench.preview(names("one"))).toEqual({ same: 3 });
});

test("another keeper means another name", async () => {
  expect(await bench.preview(names("two"))).toEqual({ same: 1, replace: 2 });
  const before = (await bench.up(names("one"))).outputs.hex;
  expect((await bench.up(names("two"))).outputs.hex).not.toBe(before);
});

test("a type that no stand-in plays is refused by name", async () => {
  const pet = () => {
    new random.RandomPet("pet");
    return Promise.resolve();
  };
  const message = await bench.failure(pet);
  expect(message).toContain("does not know random:index/randomPet:RandomPet");
  expect(message).toContain("rehearsal/plugins");
});
