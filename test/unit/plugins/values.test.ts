import fc from "fast-check";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { expect, test } from "vitest";
import { redact } from "../../../rehearsal/plugins/protocol/redact";
import {
  fromWire,
  hasSecret,
  hasUnknown,
  reveal,
  same,
  secret,
  toWire,
  UNKNOWN,
  unwrap,
} from "../../../rehearsal/plugins/protocol/values";
import type { Props, Value } from "../../../rehearsal/plugins/protocol/values";

const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, UNKNOWN),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie("value"), { maxKeys: 3, noNullPrototype: true }),
    tie("value").map(secret),
  ),
}));

test("whatever goes to the engine comes back as it was, secrets and unknowns included", () => {
  fc.assert(
    fc.property(value, (each) => {
      const props: Props = { each };
      expect(fromWire(toWire(props))).toEqual(props);
    }),
  );
});

test("the signatures on the wire are the protocol's", () => {
  const wire = toWire({ hidden: secret("x"), later: UNKNOWN }).toJavaScript();
  expect(wire).toEqual({
    hidden: { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "x" },
    later: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  });
  const typed = Struct.fromJavaScript({ count: "3eeb2bf0-c639-47a8-9e75-3b44932eb421" });
  expect(fromWire(typed)).toEqual({ count: UNKNOWN });
});

test("an asset is refused, with where to look", () => {
  const asset = Struct.fromJavaScript({
    file: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path: "x" },
  });
  expect(() => fromWire(asset)).toThrow(/not supported by the stand-in plugins in rehearsal\/plugins/);
});

test("secrecy does not make a difference, not knowing does", () => {
  expect(same({ a: [secret("x")] }, secret({ a: ["x"] }))).toBe(true);
  expect(same("x", "y")).toBe(false);
  expect(same({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(same(UNKNOWN, UNKNOWN)).toBe(false);
});

test("secrets and unknowns are found, taken off and refused at any depth", () => {
  const deep = { list: [{ hidden: secret({ inner: UNKNOWN }) }] };
  expect(hasSecret(deep)).toBe(true);
  expect(hasUnknown(deep)).toBe(true);
  expect(hasSecret({ list: ["x"] })).toBe(false);
  expect(unwrap(deep)).toEqual({ list: [{ hidden: { inner: UNKNOWN } }] });
  expect(() => reveal(deep)).toThrow(/not known yet/);
});

test("a tool's message loses what was secret among its inputs, longest first", () => {
  const inputs = { license: secret("abcd"), more: { keys: secret(["abcdef", "no"]) }, name: "public" };
  expect(redact("abcdef, abcd, no, public", inputs)).toBe("[secret], [secret], no, public");
});
