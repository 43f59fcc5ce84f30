import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";

// The images of Istio, run by the engine itself. That they, and those of nodes and load balancers, work in a cluster is shown by
// the other tests of this folder, which use all of them.
const images = inject("kindImages");

async function run(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args)).stdout.trim();
}

describe.each(Object.values(images.istio))("the images of Istio $version", ({ hub, version }) => {
  it.each(["", "-distroless"])("run, with tags that end in '%s'", async (variant) => {
    const inImage = (name: string, ...command: string[]): Promise<string> =>
      run("docker", "run", "--rm", `${hub}/${name}:${version}${variant}`, ...command);
    expect(await inImage("pilot", "version")).toContain('Version:"1.31.0"');
    expect(await inImage("install-cni", "sh", "-c", "iptables-restore --version && install-cni --help")).toMatch(
      /^iptables-restore v.*install-cni/s,
    );
  });
});
