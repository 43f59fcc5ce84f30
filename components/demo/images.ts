import type { Settings } from "../../settings";

/** Images of the demo, pinned. */
export const images = {
  /** Answers `/hello` on port 5000 with `Hello version: <SERVICE_VERSION>, instance: <pod>`: Istio's own sample. */
  service: "docker.io/istio/examples-helloworld-v1:1.0",
  client: "docker.io/curlimages/curl:8.16.0",
};

/** The images that the demo of a stack runs; none without one. */
export function demoImages({ demo }: Pick<Settings, "demo">): string[] {
  return demo === false ? [] : Object.values(images);
}
