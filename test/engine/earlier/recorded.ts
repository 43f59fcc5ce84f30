import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import type { World } from "../support/world";

const Recorded = z.object({
  /** The clusters that there were, with the marks by which their kubeconfigs know them. */
  clusters: z.record(z.string(), z.string()),
  /** What was in the state of each stack, by its name; secrets in the clear. */
  deployments: z.record(z.string(), z.unknown()),
});
export type Recorded = z.output<typeof Recorded>;

/**
 * What a version of the program has left of an environment (see environments.ts), recorded with the real engine and echo
 * plugins (`npm run record`): as it was, but for the addresses of API servers and the folder of the world, which are those of
 * `world`.
 */
export function recorded(version: string, environment: string, world: World): Recorded {
  const file = join(__dirname, version, `${environment}.json.gz`);
  const text = gunzipSync(readFileSync(file))
    .toString("utf8")
    // The echo plugins of that time wrote it; no tool does.
    .replace(/,\\*"insecure-skip-tls-verify\\*":true/g, "");
  return Recorded.parse(
    JSON.parse(text.replaceAll("http://API-SERVERS", world.apiServers).replaceAll("/WORLD", world.folder)),
  );
}
