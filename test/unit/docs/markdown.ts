import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Nodes } from "mdast";
import { projectFolder } from "../../../rehearsal/program";

/** Every file of the project by its path, those that are not committed yet included. */
export const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: projectFolder,
})
  .toString()
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(projectFolder, file)));

export function read(file: string): string {
  return readFileSync(join(projectFolder, file), "utf8");
}

/** A page in Markdown, as GitHub shows it. */
export interface Page {
  readonly headings: readonly { readonly depth: number; readonly text: string; readonly anchor: string }[];
  /** What its links and images lead to. */
  readonly urls: readonly string[];
}

/** Every page of the project, by its path. */
export async function readPages(): Promise<ReadonlyMap<string, Page>> {
  // All of these are ECMAScript modules, which this project's tests are not.
  const { default: GithubSlugger } = await import("github-slugger");
  const { fromMarkdown } = await import("mdast-util-from-markdown");
  const { gfmFromMarkdown } = await import("mdast-util-gfm");
  const { toString } = await import("mdast-util-to-string");
  const { gfm } = await import("micromark-extension-gfm");
  const { visit } = await import("unist-util-visit");
  const pageOf = (file: string): Page => {
    const slugger = new GithubSlugger();
    const headings: Page["headings"][number][] = [];
    const urls: string[] = [];
    const root = fromMarkdown(read(file), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
    visit(root, (node: Nodes) => {
      if (node.type === "heading") {
        const text = toString(node);
        headings.push({ depth: node.depth, text, anchor: slugger.slug(text) });
      } else if (node.type === "link" || node.type === "image" || node.type === "definition") {
        urls.push(node.url);
      }
    });
    return { headings, urls };
  };
  return new Map(files.filter((file) => file.endsWith(".md")).map((file) => [file, pageOf(file)]));
}
