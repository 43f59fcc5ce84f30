import { z } from "zod";
import { chartsOf, hubsOf, imagesOf, readImage } from "../mesh";
import { resourceRule } from "../rule";

/** What comes from a registry runs in the cluster, that of the mesh with all permissions: other registries have to be allowed explicitly. */
export const registries = resourceRule({
  name: "registries",
  description:
    "Charts and images of the mesh come from Istio's or Solo's registries, other images from well-known ones.",
  parameters: z.object({
    mesh: z
      .array(z.string())
      .default([
        "docker.io/istio",
        "gcr.io/istio-release",
        "ghcr.io/istio",
        "istio-release.storage.googleapis.com",
        "registry.istio.io",
        "us-docker.pkg.dev/gloo-mesh",
        "us-docker.pkg.dev/soloio-img",
      ])
      .describe("Where charts and images of the mesh may come from: hosts, with paths that theirs begin with"),
    workloads: z
      .array(z.string())
      .default([
        "cgr.dev",
        "docker.io",
        "gcr.io",
        "ghcr.io",
        "mcr.microsoft.com",
        "public.ecr.aws",
        "quay.io",
        "registry.access.redhat.com",
        "registry.istio.io",
        "registry.k8s.io",
        "registry.redhat.io",
        "us-docker.pkg.dev",
      ])
      .describe("Where other images may come from"),
  }),
  evaluate: (resource, { mesh, workloads }) => [
    ...chartsOf(resource).flatMap(({ by, part, chart, repository, local }, _index, charts) => {
      const source = repository === "" ? chart : repository;
      // A chart of one's own around Istio's charts.
      const [list, parameter] = part === undefined ? [[...workloads, ...mesh], "workloads"] : [mesh, "mesh"];
      const applies = by === "helm" && !local && (part !== undefined || charts.length > 1);
      return !applies || !/^\w+:\/\//.test(source) || allowed(source, list)
        ? []
        : [describe(`Chart ${chart}`, `comes from ${source}`, parameter, list)];
    }),
    ...hubsOf(resource).flatMap(({ path, hub }) =>
      hub === undefined || hub === "" || allowed(readImage(`${hub}/image`, path).repository, mesh)
        ? []
        : [describe(`Hub ${hub} at ${path}`, "is not a registry of the mesh", "mesh", mesh)],
    ),
    ...imagesOf(resource).flatMap(({ path, repository, mesh: own }) => {
      const [list, parameter] = own ? [mesh, "mesh"] : [[...workloads, ...mesh], "workloads"];
      return allowed(repository, list)
        ? []
        : [describe(`Image ${repository} at ${path}`, "comes from a registry that is not allowed", parameter, list)];
    }),
  ],
});

function allowed(source: string, list: readonly string[]): boolean {
  const place = source.replace(/^\w+:\/\//, "");
  return list.some((one) => place === one || place.startsWith(`${one.replace(/\/$/, "")}/`));
}

function describe(what: string, problem: string, parameter: string, list: readonly string[]): string {
  return `${what} ${problem}. Take it from ${list.join(", ")}; or, if this one is trusted, add it to the policy's parameter ${parameter}.`;
}
