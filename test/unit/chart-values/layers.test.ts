import { describe, expect, it } from "vitest";
import { type LayeredValue, merged, programLayer, secretTexts, valuesOf } from "../../../chart-values";
import { leavesOf } from "../../../chart-values/layers";

const layer = (origin: string, values: Record<string, unknown>, secret = false): LayeredValue[] =>
  leavesOf(values).map((leaf) => ({ ...leaf, origin, secret }));

function together(...layers: LayeredValue[][]): Record<string, unknown> {
  return valuesOf(merged(layers.flat()));
}

describe("values in layers", () => {
  it("merge maps, however deep, and replace everything else", () => {
    expect(
      together(
        programLayer({ a: { b: { c: 1, d: [1, 2] }, e: "ours" } }),
        layer("values", { a: { b: { d: [3] } }, f: true }),
        layer("clusters[0].values", { a: { e: "theirs" } }),
      ),
    ).toEqual({ a: { b: { c: 1, d: [3] }, e: "theirs" }, f: true });
  });

  it("let a scalar take the place of a map, and a map that of a scalar", () => {
    expect(together(programLayer({ a: { b: 1 } }), layer("values", { a: "flat" }))).toEqual({ a: "flat" });
    expect(together(programLayer({ a: 1 }), layer("values", { a: { b: 2 } }))).toEqual({ a: { b: 2 } });
  });

  it("keep null, which takes away a chart's default, and empty maps where nothing is", () => {
    expect(together(programLayer({ a: { b: 1 } }), layer("values", { a: { b: null }, c: {} }))).toEqual({
      a: { b: null },
      c: {},
    });
    expect(together(programLayer({ a: { b: 1 } }), layer("values", { a: {} }))).toEqual({ a: { b: 1 } });
  });

  it("say of each value where it is from, and whether it is secret", () => {
    const result = merged([...programLayer({ a: 1, b: 2 }), ...layer("values.istiod", { b: "hush" }, true)]);
    expect(result).toEqual([
      { path: ["a"], value: 1, origin: "flatmesh", secret: false },
      { path: ["b"], value: "hush", origin: "values.istiod", secret: true },
    ]);
  });

  it("know the texts in secret values, those in lists and maps of lists too", () => {
    expect(secretTexts(layer("values", { a: [{ token: "one" }, "two", 3, ""], b: "three" }, true))).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(secretTexts(layer("values", { a: "shown" }))).toEqual([]);
  });

  it("can't reach an object's prototype", () => {
    const values = together(
      layer("values", JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>),
    );
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    expect(Object.keys(values)).toEqual(["__proto__"]);
  });
});
