import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

// What the other tests of this folder stand on. The images of Istio are run by the engine itself; that they work in a
// cluster is those tests' matter.
const images = inject("kindImages");
const cluster = `flatmesh-equipment-${String(process.pid)}`;
const balancer = `${cluster}-load-balancer`;
const socket = ["--volume", "/var/run/docker.sock:/var/run/docker.sock"];

async function run(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args)).stdout.trim();
}

describe("a cluster of the node image", () => {
  let folder: string;
  const kubectl = (...args: string[]): Promise<string> =>
    run("kubectl", "--kubeconfig", join(folder, "kubeconfig"), ...args);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "flatmesh-equipment-"));
    const where = ["--name", cluster, "--kubeconfig", join(folder, "kubeconfig")];
    await run("kind", "create", "cluster", ...where, "--image", images.node, "--wait", "3m");
    await run("kind", "load", "docker-image", "--name", cluster, images.echo);
    const detached = ["--detach", "--name", balancer, "--network", "kind", ...socket];
    await run("docker", "run", ...detached, images.loadBalancer, "--any-argument");
    for (const pod of ["one", "two"]) {
      await kubectl("run", pod, "--image", images.echo, "--port", "8080");
    }
    await kubectl("expose", "pod", "two", "--type", "LoadBalancer", "--port", "8080");
    await kubectl("wait", "--for", "condition=Ready", "pod/one", "pod/two", "--timeout", "60s");
    // kind waits for the nodes alone.
    await kubectl("rollout", "status", "deployment/coredns", "--namespace", "kube-system", "--timeout", "60s");
  });
  afterAll(async () => {
    await run("kind", "delete", "cluster", "--name", cluster, "--kubeconfig", join(folder, "kubeconfig"));
    await run("docker", "rm", "--force", balancer);
    await rm(folder, { recursive: true });
    expect(await run("docker", "ps", "--all", "--quiet", "--filter", `name=${cluster}`)).toBe("");
  });

  it("has pods that answer each other, by address and by name", async () => {
    const address = await kubectl("get", "pod", "two", "--output", "jsonpath={.status.podIP}");
    expect(await kubectl("exec", "one", "--", "/echo", "call", `http://${address}:8080`)).toBe("two");
    expect(await kubectl("exec", "one", "--", "/echo", "call", "http://two.default.svc:8080")).toBe("two");
  });

  it("gets addresses for its load balancers, which answer", async () => {
    const ingress = "{.status.loadBalancer.ingress[0].ip}";
    await kubectl("wait", "service/two", "--for", `jsonpath=${ingress}`, "--timeout", "30s");
    const address = await kubectl("get", "service", "two", "--output", `jsonpath=${ingress}`);
    const call = ["--rm", "--network", "kind", images.echo, "call", `http://${address}:8080`];
    expect(await run("docker", "run", ...call)).toBe("two");
  });
});

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
