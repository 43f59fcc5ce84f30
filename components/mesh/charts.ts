import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PreconditionError } from "../../diagnostics";
import type { Settings } from "../../settings";
import type { ChartReference } from "../../registry";
import { imageNames, type PinnedImages } from "./values";

/** The version of the distribution's charts, and the tag of its images. */
export function istioTag({ distribution, istioVersion }: Pick<Settings, "distribution" | "istioVersion">): string {
  return distribution === "solo" ? `${istioVersion}-solo` : istioVersion;
}

/**
 * A chart of the settings' source: an OCI URL that charts stand under, or a folder of packaged charts
 * (`<chart>-<version>.tgz`).
 *
 * @throws PreconditionError when a folder lacks the chart in that version, with what it has.
 */
export function chartOf(settings: Settings, chart: string): ChartReference {
  const source = settings.charts;
  const version = istioTag(settings);
  if (source.startsWith("oci://")) {
    return { chart: `${source}/${chart}`, version };
  }
  const file = join(source, `${chart}-${version}.tgz`);
  if (!existsSync(file)) {
    const found = existsSync(source) ? readdirSync(source).filter((name) => name.endsWith(".tgz")) : [];
    throw new PreconditionError(
      `charts: ${file} does not exist (packaged charts in the folder: ${found.join(", ") || "none"}). Put the chart there ` +
        `(helm pull … --version ${version} --destination ${source}), or correct charts or istioVersion.`,
      "docs/settings.md#charts",
    );
  }
  return { chart: file, version };
}

/**
 * What the tags of images end in, behind a dash, as Istio's charts take it: empty for nothing, and undefined for the variant of the
 * ambient profile, so that nothing of a mesh without the setting changes.
 */
export function chartVariant({ variant }: Pick<Settings, "variant">): string | undefined {
  return variant === "distroless" ? undefined : variant === "default" ? "" : variant;
}

type ImageSettings = Pick<Settings, "distribution" | "istioVersion" | "images" | "variant" | "imageDigests">;

/** The images that have a digest in the settings, which is that of the version and the variant. */
export function pinnedImages(settings: ImageSettings): PinnedImages {
  const { images, imageDigests = {} } = settings;
  const variant = chartVariant(settings) ?? "distroless";
  const tag = `${istioTag(settings)}${variant === "" ? "" : `-${variant}`}`;
  return Object.fromEntries(
    imageNames.flatMap((name) => {
      const digest = imageDigests[name];
      return digest === undefined ? [] : [[name, `${images}/${name}:${tag}@${digest}`]];
    }),
  );
}

/**
 * The images that a mesh of these settings may run by their tags. Of the ambient profile's own variant, those without it stand by.
 * Those with a digest are not among them: an image that is loaded into a node has none there, so that the node pulls it all the same.
 */
export function meshImages(settings: ImageSettings): string[] {
  const tag = istioTag(settings);
  const variant = chartVariant(settings);
  const tags = variant === undefined ? [tag, `${tag}-distroless`] : [variant === "" ? tag : `${tag}-${variant}`];
  const byTag = imageNames.filter((name) => settings.imageDigests?.[name] === undefined);
  return byTag.flatMap((name) => tags.map((one) => `${settings.images}/${name}:${one}`));
}
