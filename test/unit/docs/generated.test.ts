import { readFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { examples, further } from "../../../docs/generators/examples";
import { withPart } from "../../../docs/generators/marked";
import { pages } from "../../../docs/generators/pages";
import { projectFolder } from "../../../rehearsal/program";
import { keyDocuments } from "../../../settings/reference";
import { keys } from "../../../settings/schema";

describe("what the code writes", () => {
  it.each(Object.entries(pages))("%s is up to date (npm run document)", async (file, document) => {
    const path = join(projectFolder, file);
    const text = readFileSync(path, "utf8");
    expect(await format(document(text), { ...(await resolveConfig(path)), filepath: path })).toBe(text);
  });

  it("needs a place in a page", () => {
    expect(() => withPart("# Title\n", "settings", "text")).toThrow("<!-- settings -->");
  });
});

describe("examples of settings", () => {
  it("are there for every key, and for nothing else", () => {
    expect(Object.keys(examples)).toEqual(keyDocuments().map(({ path }) => path));
    expect(Object.keys(further).filter((path) => !(path in examples))).toEqual([]);
  });

  it.each(Object.entries(examples))("of %s have the key, and are what the schema takes", (path, example) => {
    const [key = "", ...inner] = path.split(/\.|(?=\[)/).map((part) => part.replace("[]", "0"));
    if ("command" in example) {
      expect(example.command).toContain(`flatmesh:${path.replaceAll("[]", "[0]")}`);
      return;
    }
    const schema = z.object(keys).shape[key as keyof typeof keys];
    expect(schema.safeParse(example.value).error).toBeUndefined();
    const value = inner.reduce<unknown>(
      (whole, part) => (whole as Readonly<Record<string, unknown>>)[part],
      example.value,
    );
    expect(value).not.toBeUndefined();
  });
});
