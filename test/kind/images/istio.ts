import { provideIstioCharts, type Progress } from "../../../rehearsal/tools";
import { docker, hasImages } from "./engine";
import { digest, programOf } from "./ingredient";
import { nameOf, programImage, provideImage, type Image } from "./image";
import { istioPrograms, ownProgram } from "./programs";

/** A release of Istio, as settings name it. */
export interface IstioRelease {
  /** For `charts`: a folder with `<chart>-<version>.tgz`. */
  readonly charts: string;
  /** For `images`: what stands before `/pilot:<version>` and `/pilot:<version>-distroless` in the engine's image names. */
  readonly hub: string;
  /** The version of the charts and the tag of the images, such as `1.28.5-solo`. */
  readonly version: string;
}

/** The community's release, and the solo distribution's, for which the same programs stand in. */
export type IstioReleases = Readonly<Record<"community" | "solo", IstioRelease>>;

const versions = { community: "1.31.0", solo: "1.28.5-solo" } as const;

/**
 * Istio's images and charts. istiod and istio-cni are real, ztunnel is a stand-in (see programs/ztunnel).
 *
 * @param tools What istio-cni's image stands on.
 */
export async function provideIstio(tools: Image | string, progress: Progress): Promise<IstioReleases> {
  const images = imagesOf(tools);
  // A hub of its own for every recipe, since the tags are given.
  const hub = `flatmesh.test/istio-${digest(...Object.values(images).map(nameOf))}`;
  const tags = Object.values(versions).flatMap((version) => [version, `${version}-distroless`]);
  const names = Object.keys(images).flatMap((image) => tags.map((tag) => `${hub}/${image}:${tag}`));
  if (!(await hasImages(...names))) {
    for (const [name, image] of Object.entries(images)) {
      const made = await provideImage(image, progress);
      for (const tag of tags) {
        await docker(["tag", made, `${hub}/${name}:${tag}`]);
      }
    }
  }
  const release = async (version: string): Promise<IstioRelease> => ({
    charts: await provideIstioCharts(version, progress),
    hub,
    version,
  });
  return { community: await release(versions.community), solo: await release(versions.solo) };
}

function imagesOf(tools: Image | string): Readonly<Record<string, Image>> {
  const programs = istioPrograms(versions.community);
  return {
    pilot: programImage(
      "flatmesh.test/pilot",
      programOf(programs, "pilot-discovery"),
      "/usr/local/bin/pilot-discovery",
      ["USER 1337:1337", 'ENTRYPOINT ["/usr/local/bin/pilot-discovery"]'],
    ),
    "install-cni": {
      repository: "flatmesh.test/install-cni",
      base: tools,
      dockerfile: [
        "COPY istio-cni /opt/cni/bin/istio-cni",
        "COPY install-cni /usr/local/bin/install-cni",
        "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/cni/bin",
        "WORKDIR /opt/cni/bin",
        'CMD ["/usr/local/bin/install-cni"]',
      ].join("\n"),
      ingredients: {
        "istio-cni": programOf(programs, "istio-cni"),
        "install-cni": programOf(programs, "install-cni"),
      },
    },
    ztunnel: programImage("flatmesh.test/ztunnel", ownProgram("ztunnel"), "/usr/local/bin/ztunnel", [
      'ENTRYPOINT ["/usr/local/bin/ztunnel"]',
    ]),
  };
}
