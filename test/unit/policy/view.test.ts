import { Secret } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { at, decode, pathText, resourcesOfState, text, texts, unknown } from "../../../policy/state";

const signature = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";
const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("a value", () => {
  it("is decoded from a state: secrets in the clear or not, unknown values, files", () => {
    const raw = {
      open: { [signature]: secret, plaintext: '{"a":[1,"x"]}' },
      closed: [{ [signature]: secret, ciphertext: "v1:abc" }],
      later: unknownText,
      file: { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "a: 1" },
    };
    expect(decode(raw)).toEqual({
      value: { open: { a: [1, "x"] }, closed: [unknown], later: unknown, file: { text: "a: 1" } },
      secrets: ["open", "closed[0]"],
    });
  });

  it("is decoded from what @pulumi/policy shows, which throws on unknown values and hides secrets", () => {
    const refuse = (): never => {
      throw new Error("can't be known during preview");
    };
    const shown = new Proxy({ later: unknownText, list: [{ "a.b/c": new Secret("x") }] }, { get: refuse });
    expect(() => shown.later).toThrow();
    expect(
      decode(shown, (value) => (value instanceof Secret ? { value: value.value as unknown, secret: true } : undefined)),
    ).toEqual({
      value: { later: unknown, list: [{ "a.b/c": "x" }] },
      secrets: ['list[0]["a.b/c"]'],
    });
  });

  it("is asked by paths, and unknown below what is unknown", () => {
    const { value } = decode({ a: [{ b: 1 }], later: unknownText, text: "x" });
    expect([
      at(value, "a", 0, "b"),
      at(value, "a", 1, "b"),
      at(value, "later", "b"),
      at(value, "text", "length"),
    ]).toEqual([1, undefined, unknown, undefined]);
    expect([text(value, "a", 0, "b"), text(value, "later"), text(value, "a")]).toEqual(["1", undefined, undefined]);
    expect(texts(value).map(({ path }) => pathText(path))).toEqual(["text"]);
  });
});

describe("a state", () => {
  const urn = (type: string, name: string) => `urn:pulumi:dev::test::${type}::${name}`;
  const provider = {
    urn: urn("pulumi:providers:kubernetes", "one"),
    type: "pulumi:providers:kubernetes",
    id: "1",
    inputs: { clusterIdentifier: "one" },
  };
  const object = {
    urn: urn("a:b$kubernetes:core/v1:Namespace", "n::m"),
    type: "kubernetes:core/v1:Namespace",
    provider: `${provider.urn}::1`,
    inputs: { metadata: {} },
  };

  it("gives each resource its name, provider and dependencies", () => {
    const [, read] = resourcesOfState({
      resources: [
        provider,
        {
          ...object,
          dependencies: [provider.urn],
          propertyDependencies: { metadata: [provider.urn], spec: null },
          aliases: null,
        },
      ],
    });
    expect(read).toMatchObject({
      name: "n::m",
      provider: { name: "one", inputs: { clusterIdentifier: "one" } },
      dependencies: [provider.urn],
      inputDependencies: { metadata: [provider.urn], spec: [] },
    });
  });

  it("leaves out what only waits for its deletion", () => {
    expect(resourcesOfState({ resources: [provider, { ...object, delete: true }] })).toHaveLength(1);
    expect(resourcesOfState({})).toEqual([]);
  });
});
