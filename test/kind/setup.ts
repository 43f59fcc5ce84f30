import { delimiter } from "node:path";
import type { TestProject } from "vitest/node" with { "resolution-mode": "import" };
import { provideTools, type Progress } from "../../rehearsal/tools";
import { checkEngine, provideKindImages, type KindImages } from "./images";

declare module "vitest" {
  export interface ProvidedContext {
    kindImages: KindImages;
  }
}

const progress: Progress = {
  step: (message) => {
    process.stderr.write(`${message}\n`);
  },
};

/** Images in the container engine, and tools in front of the PATH. The first time on a machine this takes minutes. */
export default async function setup({ provide }: TestProject): Promise<void> {
  await checkEngine();
  const tools = await provideTools(["kind", "kubectl", "helm"], progress);
  process.env["PATH"] = [tools.path, process.env["PATH"] ?? ""].join(delimiter);
  provide("kindImages", await provideKindImages(progress));
}
