import { meshObjects } from "../../support/authorities";
import type { TestStack } from "./stack";
import type { World } from "./world";

/** Has the API server of cluster `a` say what the stack has put into it; no pod runs there. */
export async function follow(world: World, stack: TestStack): Promise<void> {
  const objects = meshObjects(await stack.secret("cacerts"), "", []);
  objects.delete("/api/v1/nodes");
  world.objects.set("a", objects);
}

/** How many roots a cluster trusts, by the files of its `cacerts`. */
export function roots(cacerts: Readonly<Record<string, string>>): number {
  return (cacerts["root-cert.pem"] ?? "").split("BEGIN CERTIFICATE").length - 1;
}
