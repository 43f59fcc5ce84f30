import { cacheFolder } from "./cache";
import { catalogue, type ToolName } from "./catalogue";
import { ToolError } from "./errors";
import { neededGo } from "./gomodule";
import type { Obstacles } from "./roads";

/** The error for tools that no road led to: which, why, and what the user can do about it. */
export function unobtainable(
  names: readonly ToolName[],
  reasons: ReadonlyMap<ToolName, readonly string[]>,
  obstacles: Obstacles,
): ToolError {
  const byReason = new Map<string, ToolName[]>();
  for (const name of names) {
    const reason = (reasons.get(name) ?? []).join("; then ");
    byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  }
  const hosts = [...obstacles.keys()];
  const fits = names.map((name) => `${name} ${catalogue[name].range}`).join(", ");
  return new ToolError(
    [
      "A rehearsal needs tools that can't be had here:",
      ...[...byReason].map(([reason, tools]) => `  ${tools.join(", ")}: ${reason}`),
      ...[...obstacles].map(([host, reason]) => `  download from ${host}: ${reason}`),
      "What helps, each by itself:",
      ...(hosts.length === 0 ? [] : [`  - let this machine reach ${hosts.join(", ")} (HTTPS_PROXY is respected)`]),
      `  - have Go ${neededGo} or newer on the PATH (https://go.dev/dl) and its GOPROXY within reach`,
      `  - install them on the PATH in versions that fit: ${fits}`,
      `  - copy ${cacheFolder()} from a machine of this kind that has them and that you trust, or name such a copy in FLATMESH_CACHE`,
    ].join("\n"),
  );
}
