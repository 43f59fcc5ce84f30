import { describe, expect, it } from "vitest";
import { encryptedPaths, isEncrypted, isSecret, withPlaceholders } from "../../../settings/encrypted";

const secure = { secure: "AAABAFg=" };

describe("what is encrypted in a stack's file", () => {
  it("is found by the keys that lead to it", () => {
    const inFile = { istiod: { env: { A: "a", TOKEN: secure } }, list: [1, { key: secure }] };
    const given = { istiod: { env: { A: "a", TOKEN: "hush" } }, list: [1, { key: "hush" }] };
    expect(encryptedPaths(inFile, given)).toEqual([
      ["istiod", "env", "TOKEN"],
      ["list", 1, "key"],
    ]);
  });

  it("is the whole value where that is one", () => {
    expect(encryptedPaths(secure, { istiod: {} })).toEqual([[]]);
  });

  it.each([
    ["is not there", undefined],
    ["has other keys", { istiod: { env: { TOKEN: secure, B: "b" } } }],
    ["has another value", { istiod: { env: { TOKEN: secure, A: "b" } } }],
    ["has a list", [secure]],
  ])("is taken to be all of it where the file %s", (_, inFile) => {
    expect(encryptedPaths(inFile, { istiod: { env: { TOKEN: "hush", A: "a" } } })).toEqual([[]]);
  });

  it("makes a secret of what it is in, and of what is in it", () => {
    const paths = [["values", "istiod", "list", 0, "token"]];
    expect(isSecret(["values", "istiod", "list"], paths)).toBe(true);
    expect(isSecret(["values", "istiod", "list", 0, "token", "deeper"], paths)).toBe(true);
    expect(isSecret(["values", "istiod", "other"], paths)).toBe(false);
  });

  it("can have something else in its place", () => {
    expect(withPlaceholders({ a: [secure, 1], b: { c: secure } }, isEncrypted, "x")).toEqual({
      a: ["x", 1],
      b: { c: "x" },
    });
  });
});
