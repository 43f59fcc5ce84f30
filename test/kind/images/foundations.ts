import { messageOf, type Progress } from "../../../rehearsal/tools";
import { docker, hasImages } from "./engine";
import type { Image } from "./image";
import { networkTools, nodeImage } from "./node-image";

/** What comes from a container registry where one is within reach, and is made of packages elsewhere. */
export interface Foundations {
  /** A kind node image of Kubernetes 1.34, the last that runs on machines with the first version of cgroups. */
  readonly node: string;
  /** An image that istio-cni's can stand on, with iptables in it. */
  readonly networkTools: Image | string;
}

/** Published by kind and by Istio. */
const published = {
  node: "kindest/node:v1.34.0@sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a",
  networkTools: "istio/install-cni:1.28.0",
};

/** A registry that doesn't answer within this time counts as out of reach. */
const patienceMs = 10_000;

/** Gives what the engine has already, of either kind; else what it takes to have the rest made. */
export async function provideFoundations(progress: Progress): Promise<Foundations> {
  const made = await nodeImage();
  if (await hasImages(made.name)) {
    return { node: made.name, networkTools };
  }
  const obstacle = await pull(progress);
  if (obstacle === undefined) {
    return published;
  }
  progress.step(`no container registry is within reach (${obstacle}): making the nodes' image of packages`);
  await made.provide(progress);
  return { node: made.name, networkTools };
}

/** Has the engine pull the published images; gives the reason if it can't. */
async function pull(progress: Progress): Promise<string | undefined> {
  try {
    for (const image of Object.values(published)) {
      if (!(await hasImages(image))) {
        await docker(["manifest", "inspect", image], { timeoutMs: patienceMs });
        progress.step(`pulling ${image}`);
        await docker(["pull", "--quiet", image]);
      }
    }
    return undefined;
  } catch (error) {
    // The last line has the reason, the others the command.
    return messageOf(error).split("\n").at(-1)?.trim();
  }
}
