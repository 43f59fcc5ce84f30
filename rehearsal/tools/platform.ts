import { ToolError } from "./errors";

/** An operating system and a processor, in the words of Go and of most download pages. */
export interface Platform {
  readonly os: "linux" | "darwin";
  readonly arch: "amd64" | "arm64";
}

/** The platform that Node calls `platform` and `arch`; throws a ToolError for those that no tool is published for. */
export function platformOf(platform: string, arch: string): Platform {
  const os = platform === "linux" || platform === "darwin" ? platform : undefined;
  const processor = ({ x64: "amd64", arm64: "arm64" } as const)[arch];
  if (os === undefined || processor === undefined) {
    throw new ToolError(
      `A rehearsal runs on Linux and macOS, on x64 and arm64; this machine is ${platform} on ${arch}. ` +
        "On Windows, use WSL.",
    );
  }
  return { os, arch: processor };
}
