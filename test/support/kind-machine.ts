import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * Has this process run on what looks like a machine for kind clusters: `kind`, `docker` and `kubectl` answer everything with
 * success, and the engine's kernel is not this one, whose limits may be low. For tests in which nobody makes a cluster. Returns
 * the way back.
 */
export function playKindMachine(): () => void {
  const bin = mkdtempSync(join(tmpdir(), "flatmesh-path-"));
  for (const program of ["kind", "docker", "kubectl"]) {
    writeFileSync(join(bin, program), "#!/bin/sh\n");
    chmodSync(join(bin, program), 0o755);
  }
  const { PATH: path = "", DOCKER_HOST: host } = process.env;
  process.env["PATH"] = [bin, path].join(delimiter);
  process.env["DOCKER_HOST"] = "ssh://elsewhere";
  return () => {
    process.env["PATH"] = path;
    if (host === undefined) {
      delete process.env["DOCKER_HOST"];
    } else {
      process.env["DOCKER_HOST"] = host;
    }
    rmSync(bin, { recursive: true });
  };
}
