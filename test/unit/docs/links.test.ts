/** Where the documents, and the messages of the program, lead to. */
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { checks, prechecks } from "../../../checks";
import { projectFolder } from "../../../rehearsal/program";
import { keyDocuments, sectionOfKey } from "../../../settings/reference";
import { files, type Page, read, readPages } from "./markdown";

let pages: ReadonlyMap<string, Page>;
beforeAll(async () => {
  pages = await readPages();
});

/** What is wrong with a link on a page to a file or a section; undefined where nothing is. */
function fault(url: string, page: string): string | undefined {
  const [path = "", anchor] = url.split("#");
  const target = path === "" ? page : relative(projectFolder, join(projectFolder, dirname(page), path));
  if (!existsSync(join(projectFolder, target))) {
    return `${url} leads to nothing`;
  }
  if (anchor === undefined || statSync(join(projectFolder, target)).isDirectory()) {
    return undefined;
  }
  return pages.get(target)?.headings.some((heading) => heading.anchor === anchor)
    ? undefined
    : `${url} is no section of ${target}`;
}

describe("links", () => {
  it.each(files.filter((file) => file.endsWith(".md")))("of %s lead to what is there", (page) => {
    const inside = pages.get(page)?.urls.filter((url) => !/^[a-z]+:/.test(url)) ?? [];
    expect(inside.flatMap((url) => fault(url, page) ?? [])).toEqual([]);
  });

  it("are told from those that lead nowhere", () => {
    expect(fault("docs/nowhere.md", "README.md")).toBe("docs/nowhere.md leads to nothing");
    expect(fault("docs/kind.md#nowhere", "README.md")).toBe("docs/kind.md#nowhere is no section of docs/kind.md");
    expect(fault("settings.md#the-gateway-api", "docs/kind.md")).toBeUndefined();
  });

  it("of messages, comments and settings lead to what is there", () => {
    const sources = files.filter((file) => /\.(ts|sh|ya?ml)$/.test(file) && !file.startsWith("test/unit/"));
    const found = sources.flatMap((file) =>
      // One that a template completes, such as a check's section, is not whole here.
      [...read(file).matchAll(/\bdocs\/[\w-]+\.md(?:#[\w-]+)?(?![\w#-]|\$\{)/g)].map(([url]) => ({ file, url })),
    );
    expect(found.length).toBeGreaterThan(30);
    expect(found.flatMap(({ file, url }) => (fault(url, "README.md") ? [`${file}: ${url}`] : []))).toEqual([]);
  });

  it("of messages and comments name no section of the README", () => {
    const sources = files.filter((file) => /\.(ts|sh|ya?ml)$/.test(file) && !file.startsWith("test/"));
    expect(sources.filter((file) => /README(?!\.md)/.test(read(file)))).toEqual([]);
  });
});

it("the troubleshooting page has a section for every check, and by check for nothing else", () => {
  const headings = pages.get("docs/troubleshooting.md")?.headings ?? [];
  const [start, end] = ["By check", "By message"].map((title) => headings.findIndex(({ text }) => text === title));
  const sections = headings.slice((start ?? 0) + 1, end);
  const ids = [...new Set([...checks, ...prechecks].map(({ id }) => id))].sort();
  expect(sections.map(({ text }) => text).sort()).toEqual(ids);
  expect(sections.map(({ anchor }) => anchor).sort()).toEqual(ids);
});

describe("the section of a key", () => {
  it.each(keyDocuments())("$path is its own", ({ path }) => {
    const section = sectionOfKey(path.replaceAll("[]", "[0]"));
    const heading = pages.get("docs/settings.md")?.headings.find(({ text }) => text === path);
    expect(section).toBe(`docs/settings.md#${heading?.anchor ?? "none"}`);
  });

  it.each([
    ["clusters[1]", "docs/settings.md#clusters"],
    ["clusters[1].podSubnets", "docs/settings.md#clusters"],
    ["links[0].between[1]", "docs/settings.md#linksbetween"],
    ["root.alsoTrusted[0]", "docs/settings.md#rootalsotrusted"],
    ["licence", "docs/settings.md#keys"],
    ["__proto__", "docs/settings.md#keys"],
  ])("%s is that of what is around it", (path, section) => {
    expect(sectionOfKey(path)).toBe(section);
    expect(fault(section, "README.md")).toBeUndefined();
  });
});
