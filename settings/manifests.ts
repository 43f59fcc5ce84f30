import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { checkedString, dnsLabel } from "./formats";
import type { PartialConfig, Report } from "./issues";

const path = checkedString((value) => {
  const remedy = "write the path of a .yaml, .yml or .json file, or of a folder that has some";
  if (/\p{Cc}/u.test(value) || value.trim() !== value || value === "") {
    return { problem: "is not a path", remedy };
  }
  return value.includes("://")
    ? {
        problem: "is a URL; manifests are read from this project, so that a change of them is one of the project",
        remedy: "download it, and write the file's path",
      }
    : undefined;
});

const entry = z.union(
  [
    path,
    z
      .strictObject({
        path: path.describe("A file (.yaml, .yml, .json), or a folder that has some"),
        clusters: z.array(dnsLabel).min(1).describe("Names of the clusters that get it"),
      })
      .meta({ title: "manifests for some clusters" }),
  ],
  { error: "write a path, or {path: a path, clusters: [names]} for some of the clusters" },
);

/** Where the manifests of a stack are, and which clusters get them. */
export const manifests = z.array(entry);

/** Files or a folder of manifests for some of a stack's clusters. */
export interface ManifestsSetting {
  readonly path: string;
  /** Names of clusters; absent for all. */
  readonly clusters?: readonly string[];
}

/** Every entry as a map. */
export function manifestsOf(given: z.output<typeof manifests>): readonly ManifestsSetting[] {
  return given.map((one) => (typeof one === "string" ? { path: one } : one));
}

/** Manifests go to clusters of this stack, to each once. */
export function checkManifests({ valid, names }: PartialConfig, report: Report): void {
  manifestsOf(valid.manifests ?? []).forEach(({ clusters = [] }, index) => {
    clusters.forEach((name, place) => {
      const where = { path: ["manifests", index, "clusters", place], value: name };
      if (!names.includes(name)) {
        const remedy =
          names.length > 0 ? `did you mean ${closest(name, [...names])}?` : "name one of flatmesh:clusters";
        report({ ...where, problem: "is not a cluster of this stack", remedy });
      } else if (clusters.indexOf(name) < place) {
        report({ ...where, problem: "is in the list already", remedy: "list it once" });
      }
    });
  });
}
