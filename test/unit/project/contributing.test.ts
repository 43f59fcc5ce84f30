/** CONTRIBUTING.md names what there is. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { projectFolder } from "../../../rehearsal/program";

const textOf = (file: string): string => readFileSync(join(projectFolder, file), "utf8");
const contributing = textOf("CONTRIBUTING.md");
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf("package.json")));
const all = (pattern: RegExp) => [...new Set([...contributing.matchAll(pattern)].map(([, found = ""]) => found))];

/** The files of code in folders, without tests. */
function sources(): string[] {
  const { include } = z.object({ include: z.array(z.string()) }).parse(JSON.parse(textOf("tsconfig.json")));
  return include
    .filter((name) => !name.endsWith(".ts") && name !== "test")
    .flatMap((folder) =>
      readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(folder, file)),
    );
}

describe("CONTRIBUTING.md", () => {
  it("names commands that there are, and every suite of tests", () => {
    const named = all(/npm run (?:--silent )?([\w:-]+)/g);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(Object.keys(scripts).filter((name) => name.startsWith("test:") && !named.includes(name))).toEqual([]);
  });

  it("names projects of vitest that there are", () => {
    const config = textOf("vitest.config.mts");
    expect(all(/--project (\w+)/g).filter((name) => !config.includes(`name: "${name}"`))).toEqual([]);
  });

  it("names files and folders that there are", () => {
    const paths = all(/`([\w.-]+(?:\/[\w.-]*)+|[\w-]+\.(?:json|ts|md|yaml))`/g);
    expect(paths.length).toBeGreaterThan(20);
    const beside: Readonly<Record<string, string>> = {
      "digests.ts": "rehearsal/tools",
      "golden.test.ts": "test/unit/mesh",
      "earlier-version.test.ts": "test/engine",
    };
    expect(paths.filter((path) => !existsSync(join(projectFolder, beside[path] ?? "", path)))).toEqual([]);
  });

  it("has a place for every folder of code", () => {
    const { include } = z.object({ include: z.array(z.string()) }).parse(JSON.parse(textOf("tsconfig.json")));
    const folders = include.filter((name) => !name.endsWith(".ts") && name !== "test");
    expect(folders.filter((name) => !contributing.includes(`\`${name}/\``))).toEqual([]);
  });

  it("lists folders of code in such an order that imports point down the list", () => {
    const rows = contributing.split("\n").filter((line) => line.startsWith("| `"));
    const floors = rows.map((line) =>
      [...(line.split("|")[1] ?? "").matchAll(/`([a-z]+)\//g)].map(([, name = ""]) => name),
    );
    const floorOf = (folder: string) => floors.findIndex((names) => names.includes(folder));
    const upward = sources().flatMap((file) =>
      [...textOf(file).matchAll(/from "(\.[^"]+)"/g)].flatMap(([, target = ""]) => {
        const [from = "", to = ""] = [file, join(dirname(file), target)].map((path) => path.split("/")[0] ?? "");
        return to === from || floorOf(to) > floorOf(from) || floorOf(to) < 0 ? [] : [`${file} imports ${target}`];
      }),
    );
    expect(floorOf("preflight")).toBeGreaterThan(0);
    expect(upward).toEqual([]);
  });

  it("links to files that there are", () => {
    const links = all(/\]\(([^)#:]+)\)/g);
    expect(links).toContain("SECURITY.md");
    expect(links.filter((link) => !existsSync(join(projectFolder, link)))).toEqual([]);
  });
});
