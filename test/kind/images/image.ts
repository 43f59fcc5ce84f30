import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stopwatch, withCacheLock, withHeartbeat, withScratch, type Progress } from "../../../rehearsal/tools";
import { docker, hasImages } from "./engine";
import { digest, type Ingredient } from "./ingredient";

/** How an image is made. */
export interface Image {
  /** Its name without the tag, which is the recipe's digest. */
  readonly repository: string;
  /** The image that it stands on, a published one by its name; left out: nothing. */
  readonly base?: Image | string;
  /** Its Dockerfile after FROM. */
  readonly dockerfile: string;
  /** What the Dockerfile copies, by the name that it copies from. */
  readonly ingredients: Readonly<Record<string, Ingredient>>;
}

/** An image with one static program in it. */
export function programImage(
  repository: string,
  program: Ingredient,
  path: string,
  settings: readonly string[],
  base?: Image,
): Image {
  return {
    repository,
    ...(base && { base }),
    dockerfile: [`COPY program ${path}`, ...settings].join("\n"),
    ingredients: { program },
  };
}

/** Name and tag of the image. It is another one whenever the recipe is, so that one that is there is up to date. */
export function nameOf(image: Image): string {
  const keys = Object.entries(image.ingredients).map(([name, { key }]) => `${name}=${key}`);
  return `${image.repository}:${digest(dockerfileOf(image), ...keys.sort())}`;
}

/** Builds the image unless the engine has it, and what it stands on; gives its name. */
export async function provideImage(image: Image, progress: Progress): Promise<string> {
  const name = nameOf(image);
  if (await hasImages(name)) {
    return name;
  }
  if (typeof image.base === "object") {
    await provideImage(image.base, progress);
  }
  const sources = new Map<string, string>();
  for (const [target, ingredient] of Object.entries(image.ingredients)) {
    sources.set(target, await ingredient.provide(progress));
  }
  await withCacheLock("images", progress, async () => {
    // Another process may have built it while this one waited for the lock.
    if (!(await hasImages(name))) {
      await withScratch("images", (folder) => build(name, image, sources, folder, progress));
    }
  });
  return name;
}

async function build(
  name: string,
  image: Image,
  sources: ReadonlyMap<string, string>,
  folder: string,
  progress: Progress,
): Promise<void> {
  await writeFile(join(folder, "Dockerfile"), dockerfileOf(image));
  for (const [target, source] of sources) {
    await cp(source, join(folder, target), { recursive: true });
  }
  const elapsed = stopwatch();
  await withHeartbeat(
    progress,
    (seconds) => `still building the image ${name} … ${String(seconds)} s`,
    () => docker(["build", "--quiet", "--force-rm", "--tag", name, folder]),
  );
  progress.step(`image ${name}: ready after ${String(elapsed())} s`);
}

function dockerfileOf({ base = "scratch", dockerfile }: Image): string {
  return `FROM ${typeof base === "string" ? base : nameOf(base)}\n${dockerfile}\n`;
}
