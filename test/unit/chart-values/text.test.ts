import { describe, expect, it } from "vitest";
import { type LayeredValue } from "../../../chart-values";
import { valuesText } from "../../../chart-values/text";

const value = (path: string, given: unknown, origin = "flatmesh", secret = false): LayeredValue => ({
  path: path.split("."),
  value: given,
  origin,
  secret,
});

describe("values as a text", () => {
  it("are YAML by key, each with what it is from, and without secrets", () => {
    const unknown = Symbol("unknown");
    const values = [
      value("b.d", [{ a: 1 }], "values.istiod"),
      value("b.c", "text"),
      value("a", "hush", "clusters[0].values.istiod", true),
      value("e", unknown),
      value("empty", {}, "values.istiod"),
      value("none", null, "values.istiod"),
    ];
    expect(valuesText(values, (one) => one !== unknown)).toBe(`a: "[secret]" # clusters[0].values.istiod
b:
  c: text # flatmesh
  # values.istiod
  d:
    - a: 1
e: "[secret]" # flatmesh
# values.istiod
empty: {}
none: null # values.istiod
`);
  });
});
