import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { shellWord } from "../../printable";

/** A file of manifests with its text, or why it can't be had. */
export type ManifestFile =
  { readonly path: string; readonly text: string } | { readonly path: string; readonly problem: string };

const manifestName = /\.(ya?ml|json)$/;
const kustomization = /^(kustomization\.ya?ml|Kustomization)$/;

/** Far more than anybody reviews. */
const longestFile = 16 << 20;

/**
 * The files that a path of the settings stands for, as `kubectl apply -f` takes them: a folder's own files in the order of their
 * names, and not those of folders in it. Symbolic links are followed.
 *
 * @param path Relative to the project's folder, or absolute.
 */
export async function filesAt(path: string): Promise<readonly ManifestFile[]> {
  const found = await stat(path).catch((error: unknown) => error as NodeJS.ErrnoException);
  if (found instanceof Error) {
    return [{ path, problem: unreadable(path, found) }];
  }
  if (found.isFile()) {
    return [await fileAt(path)];
  }
  if (!found.isDirectory()) {
    return [{ path, problem: "is neither a file nor a folder: write the path of one" }];
  }
  const names = await readdir(path).catch((error: unknown) => error as NodeJS.ErrnoException);
  return names instanceof Error ? [{ path, problem: unreadable(path, names) }] : inFolder(path, names);
}

async function inFolder(path: string, names: readonly string[]): Promise<readonly ManifestFile[]> {
  if (names.some((name) => kustomization.test(name))) {
    return [{ path, problem: kustomize(path) }];
  }
  if (names.includes("Chart.yaml")) {
    const problem = `is a Helm chart: render it, and name the result: helm template NAME ${shellWord(path)} > FILE.yaml`;
    return [{ path, problem }];
  }
  const files = names.filter((name) => manifestName.test(name)).sort();
  if (files.length === 0) {
    const problem =
      "has no .yaml, .yml or .json file: correct the path; folders inside a folder are not looked into, name each of them";
    return [{ path, problem }];
  }
  return Promise.all(files.map((name) => fileAt(join(path, name))));
}

async function fileAt(path: string): Promise<ManifestFile> {
  const name = basename(path);
  if (kustomization.test(name)) {
    return { path, problem: kustomize(join(path, "..")) };
  }
  if (!manifestName.test(name)) {
    return { path, problem: "is not a .yaml, .yml or .json file: write the path of one, or of a folder that has some" };
  }
  try {
    const found = await stat(path);
    // Reading a pipe would wait for whoever writes to it.
    if (!found.isFile()) {
      return { path, problem: "is not a file: rename it, or take it out of the folder" };
    }
    if (found.size > longestFile) {
      return { path, problem: "has more than 16 MiB, which is no manifest: name another file" };
    }
    return { path, text: new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path)) };
  } catch (error) {
    return error instanceof TypeError
      ? { path, problem: "is not UTF-8 text: save it as that" }
      : { path, problem: unreadable(path, error as NodeJS.ErrnoException) };
  }
}

function kustomize(folder: string): string {
  return (
    `is for Kustomize, which does more than apply files: render it, and name the result: ` +
    `kubectl kustomize ${shellWord(folder)} > FILE.yaml`
  );
}

function unreadable(path: string, { code = "" }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `does not exist (${resolve(path)}): correct the path, which is relative to the project's folder`;
    case "EACCES":
    case "EPERM":
      return "may not be read by this user: see its permissions";
    case "ELOOP":
      return "is a symbolic link that leads to itself: correct the link";
    default:
      return `can't be read (${code || "unknown error"})`;
  }
}
