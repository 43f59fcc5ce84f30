import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** What an engine answers that runs in a virtual machine: the limits of this machine's kernel, which may be low, do not count. */
const docker = `#!/bin/sh
case $1 in
--version) echo "Docker version 28.2.2, build e6534b4" ;;
info) echo '{"ServerVersion":"28.2.2","KernelVersion":"of-a-virtual-machine"}' ;;
context) echo unix:///var/run/docker.sock ;;
esac
`;

/**
 * Has this process run on what looks like a machine for kind clusters: `kind`, `docker` and `kubectl` answer everything with
 * success. For tests in which nobody makes a cluster. Returns the way back.
 */
export function playKindMachine(): () => void {
  const bin = mkdtempSync(join(tmpdir(), "flatmesh-path-"));
  for (const [program, script] of Object.entries({ kind: "#!/bin/sh\n", docker, kubectl: "#!/bin/sh\n" })) {
    writeFileSync(join(bin, program), script);
    chmodSync(join(bin, program), 0o755);
  }
  const { PATH: path = "" } = process.env;
  process.env["PATH"] = [bin, path].join(delimiter);
  return () => {
    process.env["PATH"] = path;
    rmSync(bin, { recursive: true });
  };
}
