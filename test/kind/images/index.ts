/** The images of the kind tests, in the container engine of this machine. */
import { messageOf, ToolError, type Progress } from "../../../rehearsal/tools";
import { provideBalancerOfControlPlanes } from "./control-planes";
import { docker } from "./engine";
import { provideFoundations } from "./foundations";
import { provideImage, programImage } from "./image";
import { provideIstio, type IstioReleases } from "./istio";
import { ownProgram } from "./programs";

export type { IstioRelease, IstioReleases } from "./istio";

/** Names of images that the engine has, unless said otherwise. */
export interface KindImages {
  /** For kind's nodes. */
  readonly node: string;
  readonly istio: IstioReleases;
  /** Stands in for cloud-provider-kind (see programs/load-balancer). */
  readonly loadBalancer: string;
  /** `answer` serves HTTP on port 8080, `/echo call <url>` asks (see programs/echo). */
  readonly echo: string;
}

/**
 * Makes or pulls the images that the engine doesn't have, which takes minutes the first time; `progress` hears what goes
 * on. Throws a ToolError that says what to do if an image can't be had.
 */
export async function provideKindImages(progress: Progress): Promise<KindImages> {
  const { node, networkTools } = await provideFoundations(progress);
  if (typeof networkTools === "object") {
    // Registries are out of reach: kind can't pull it.
    await provideBalancerOfControlPlanes(networkTools, progress);
  }
  return {
    node,
    istio: await provideIstio(networkTools, progress),
    loadBalancer: await provideImage(loadBalancer, progress),
    echo: await provideImage(echo, progress),
  };
}

const loadBalancer = programImage("flatmesh.test/load-balancer", ownProgram("load-balancer"), "/load-balancer", [
  'ENTRYPOINT ["/load-balancer"]',
]);

const echo = programImage("flatmesh.test/echo", ownProgram("echo"), "/echo", [
  "USER 1000:1000",
  "EXPOSE 8080",
  'ENTRYPOINT ["/echo"]',
  'CMD ["answer"]',
]);

/** Throws a ToolError that says what to do if no container engine answers. */
export async function checkEngine(): Promise<void> {
  try {
    await docker(["version", "--format", "{{.Server.Version}}"], { timeoutMs: 30_000 });
  } catch (error) {
    throw new ToolError(
      "npm run test:kind needs a container engine, and none answers. Start Docker and see that you may use it " +
        "(`docker info`); on a Debian machine without one, .ci/engine installs and starts one. " +
        messageOf(error),
    );
  }
}
