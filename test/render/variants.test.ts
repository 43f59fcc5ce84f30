/** Which images an install runs by `variant`: upstream's charts rendered with the program's values. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { istioTag, meshImages } from "../../components/mesh";
import { kind, parse } from "../unit/settings/config";
import { type Charts, openCharts } from "./charts";
import { containersOf } from "./objects";
import { type Rendering, render } from "./rendering";

const clusters = [kind("plain"), kind("openshift", { platform: "openshift" })];
const community = { distribution: "community", license: undefined, repoKey: undefined };

let charts: Charts;
beforeAll(async () => {
  charts = await openCharts(parse({ clusters }));
});
afterAll(() => charts.close());

it.each([
  ["distroless", {}, "-distroless"],
  ["default", {}, ""],
  ["fips", {}, "-fips"],
  ["fips-distroless", {}, "-fips-distroless"],
  ["debug", community, "-debug"],
])(
  "with variant %s and %j all images end in it",
  async (variant, more, ending) => {
    const settings = parse({ clusters, variant, ...more });
    const tag = `${istioTag(settings)}${ending}`;
    for (const rendering of (await render(settings, charts)).values()) {
      const images = rendering.workloads.flatMap(containersOf).map(({ image }) => image);
      expect(images.sort()).toEqual(
        ["install-cni", "pilot", "ztunnel"].map((name) => `${settings.images}/${name}:${tag}`),
      );
      expect(`${settings.images}/proxyv2:${istioTag(settings)}${proxyEnding(rendering)}`).toBe(
        `${settings.images}/proxyv2:${tag}`,
      );
      expect(meshImages(settings)).toEqual(expect.arrayContaining([...images, `${settings.images}/proxyv2:${tag}`]));
    }
  },
  60_000,
);

/** What istiod appends to the tag of proxies that it injects or deploys. */
function proxyEnding(rendering: Rendering): string {
  const { defaultConfig } = parseYaml(rendering.text("istio", "mesh")) as {
    defaultConfig: { image?: { imageType: string } };
  };
  return defaultConfig.image === undefined ? "" : `-${defaultConfig.image.imageType}`;
}
