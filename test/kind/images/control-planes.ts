import type { Progress } from "../../../rehearsal/tools";
import { docker, hasImages } from "./engine";
import { programImage, provideImage, type Image } from "./image";
import { ownProgram } from "./programs";

/** The image that kind 0.33 runs before several control planes (its package `loadbalancer`); it pulls it if it isn't there. */
const published = "envoyproxy/envoy:v1.36.2";

/** What tells the stand-in from the real one. */
const label = "flatmesh.test";

/**
 * Gives kind a stand-in for the image, under its name, unless the engine has the real one.
 *
 * @param tools What it stands on: kind starts it by a line of bash.
 */
export async function provideBalancerOfControlPlanes(tools: Image, progress: Progress): Promise<void> {
  const format = `{{index .Config.Labels "${label}"}}`;
  const real =
    (await hasImages(published)) && (await docker(["image", "inspect", "--format", format, published])).trim() === "";
  if (!real) {
    await docker(["tag", await provideImage(standIn(tools), progress), published]);
  }
}

function standIn(tools: Image): Image {
  return programImage(
    "flatmesh.test/envoy",
    ownProgram("envoy"),
    "/usr/local/bin/envoy",
    [`LABEL ${label}=stand-in`],
    tools,
  );
}
